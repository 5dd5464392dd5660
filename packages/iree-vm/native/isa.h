// The instruction set, from iree.vm.isa through generate.py.
#ifndef IREE_VM_ISA_H_
#define IREE_VM_ISA_H_

#include <cstdint>

namespace iree::vm {

enum class Opcode : uint16_t {
#define VM_OP(id, name, fields, type) id,
#include "isa.inc"
#undef VM_OP
  kCount
};

// `fields`: one letter per operand; generate.py's FIELDS over those of isa.py. `type`: that of the
// mnemonic's last part (0 i32, 1 i64, 2 f32, 3 f64, 4 ref), or -1.
struct OpInfo {
  const char* name;
  const char* fields;
  int type;
};

inline constexpr OpInfo kOps[] = {
#define VM_OP(id, name, fields, type) {name, fields, type},
#include "isa.inc"
#undef VM_OP
};

}  // namespace iree::vm
#endif  // IREE_VM_ISA_H_
