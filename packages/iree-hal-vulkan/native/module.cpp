// The extension module: hands out the driver.
#include <nanobind/nanobind.h>

#include "driver.h"

namespace nb = nanobind;

NB_MODULE(_native, m) {
  m.def(
      "driver", [] { return nb::capsule(iree::hal_vulkan::driver(), IREE_HAL_DRIVER_CAPSULE); },
      "The driver, as a capsule named \"iree.hal.driver\".");
}
