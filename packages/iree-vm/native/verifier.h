// Checks a module file completely, so that nothing needs to be checked while it runs.
#ifndef IREE_VM_VERIFIER_H_
#define IREE_VM_VERIFIER_H_

#include "module.h"

namespace iree::vm {

// Fills in the tables of `module`, whose file_size bytes are at `data` (aligned to 4096). Time and memory are linear
// in the size of the tables and the code; read-only data is not touched. Throws hal::Error: DATA_LOSS or
// INCOMPATIBLE (version), naming what is wrong and where.
void verify(Module& module, const uint8_t* data);

}  // namespace iree::vm
#endif  // IREE_VM_VERIFIER_H_
