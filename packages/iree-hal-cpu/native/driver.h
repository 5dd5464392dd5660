// The driver behind the "cpu" URIs.
#ifndef IREE_HAL_CPU_DRIVER_H_
#define IREE_HAL_CPU_DRIVER_H_

#include "iree/hal.h"

namespace iree::hal_cpu {

// Lives as long as the process.
const iree_hal_driver_t* driver();

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_DRIVER_H_
