// The extension module: hands out the driver.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "dawn.h"
#include "driver.h"

namespace nb = nanobind;

NB_MODULE(_native, m) {
  m.def(
      "driver",
      [](std::string library) {
        iree::hal_webgpu::set_library(std::move(library));
        return nb::capsule(iree::hal_webgpu::driver(), IREE_HAL_DRIVER_CAPSULE);
      },
      nb::arg("library"),
      "The driver, as a capsule named \"iree.hal.driver\"; it loads Dawn's library from that "
      "path.");
}
