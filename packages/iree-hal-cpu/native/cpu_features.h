// Which instruction-set extensions the CPU and the kernel offer, by LLVM's names.
#ifndef IREE_HAL_CPU_CPU_FEATURES_H_
#define IREE_HAL_CPU_CPU_FEATURES_H_

#include "iree/hal.h"

namespace iree::hal_cpu {

enum class Feature { kUnknown, kMissing, kPresent };

// Whether code may use `name` here: the processor has it and the operating system saves its
// registers.
Feature find_feature(iree_hal_string_t name);

// Success if every feature of the comma separated list is there; INCOMPATIBLE naming those that are
// not, the `target` CPU of the module, and what to do.
iree_hal_status_t check_features(iree_hal_string_t features, iree_hal_string_t target);

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_CPU_FEATURES_H_
