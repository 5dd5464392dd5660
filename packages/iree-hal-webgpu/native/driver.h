#pragma once

#include "iree/hal.h"

namespace iree::hal_webgpu {

// Lives as long as the process.
const iree_hal_driver_t* driver();

}  // namespace iree::hal_webgpu
