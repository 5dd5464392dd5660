// The driver's table, which the extension module hands out.
#ifndef IREE_HAL_VULKAN_DRIVER_H_
#define IREE_HAL_VULKAN_DRIVER_H_

#include "iree/hal.h"

namespace iree::hal_vulkan {

const iree_hal_driver_t* driver();

}  // namespace iree::hal_vulkan
#endif  // IREE_HAL_VULKAN_DRIVER_H_
