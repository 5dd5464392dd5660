// Checks a module file completely, so that nothing needs to be checked while it runs.
#ifndef IREE_VM_VERIFIER_H_
#define IREE_VM_VERIFIER_H_

#include <cstring>

#include "module.h"

namespace iree::vm {

// Fills in the tables of `module`, whose file_size bytes are at `data` (aligned to 4096). Time and
// memory are linear in the size of the tables and the code; read-only data is not touched. Throws
// hal::Error: DATA_LOSS or INCOMPATIBLE (version), naming what is wrong and where.
void verify(Module& module, const uint8_t* data);

// The part for the code, called by `verify` when the tables are filled in. Also finds
// Function::*_scratch and Module::stateful.
void verify_code(Module& module);

// Throws DATA_LOSS.
template <typename... Args>
[[noreturn, gnu::cold, gnu::noinline]] void malformed(const char* format, Args... args) {
  throw hal::Error(hal::make_status(IREE_HAL_DATA_LOSS, format, args...));
}

// The code of the type a signature's letter stands for; -1 for other letters.
inline int type_of_letter(char letter) {
  constexpr const char* kLetters = "iIfFr";
  const char* at = letter ? strchr(kLetters, letter) : nullptr;
  return at ? static_cast<int>(at - kLetters) : -1;
}

}  // namespace iree::vm
#endif  // IREE_VM_VERIFIER_H_
