// Imports implemented in C++: how they are called and what there is.
#ifndef IREE_VM_NATIVES_H_
#define IREE_VM_NATIVES_H_

#include <string_view>

#include "invocation.h"

namespace iree::vm {

// The operands of one call of an import, read in order: the repeat counts of the groups, the
// arguments, then the results are written. The verifier has checked the words against the import's
// signature.
class NativeCall {
 public:
  NativeCall(Invocation& invocation, const Frame& frame, const uint16_t* words, const char* name)
      : invocation(invocation),
        name(name),
        words_(words),
        values_(frame.values),
        refs_(frame.refs) {}

  uint32_t count() { return *words_++; }
  int32_t i32() { return ++argument_, values_[*words_++].i32; }
  int64_t i64() { return ++argument_, values_[*words_++].i64; }
  uint32_t u32() { return ++argument_, values_[*words_++].u32; }
  uint64_t u64() { return ++argument_, values_[*words_++].u64; }
  // An object of that type; throws INVALID_ARGUMENT for null and for another type.
  template <typename T>
  T* object(RefType type) {
    const Ref& ref = refs_[*words_++];
    ++argument_;
    if (ref.type() != type) [[unlikely]]
      wrong_type(type, ref);
    return ref.as<T>();
  }
  // Likewise, or NULL.
  template <typename T>
  T* object_or_null(RefType type) {
    const Ref& ref = refs_[*words_++];
    ++argument_;
    if (ref.type() != type && ref) [[unlikely]]
      wrong_type(type, ref);
    return ref.as<T>();
  }

  void set_i32(int32_t value) { values_[*words_++].i32 = value; }
  void set_i64(int64_t value) { values_[*words_++].i64 = value; }
  // Takes over the reference.
  void set_object(RefType type, void* object) { refs_[*words_++] = Ref::adopt(type, object); }

  Invocation& invocation;
  const char* name;

 private:
  [[noreturn, gnu::cold]] void wrong_type(RefType expected, const Ref& given) const;

  const uint16_t* words_;
  Value* values_;
  Ref* refs_;
  uint32_t argument_ = 0;
};

// Returns false to suspend the invocation until `invocation.awaited` is reached. Throws hal::Error.
using NativeFunction = bool (*)(NativeCall& call);

struct Native {
  const char* name;
  const char* signature;
  NativeFunction function;
};

// NULL if there is none.
const Native* find_native(std::string_view name);

// One function for each row of iree.vm.imports.
#define VM_IMPORT(id, name, signature) bool id(NativeCall& call);
namespace natives {
#include "imports.inc"
}
#undef VM_IMPORT

}  // namespace iree::vm
#endif  // IREE_VM_NATIVES_H_
