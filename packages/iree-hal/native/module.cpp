#include "common.h"

NB_MODULE(_native, m) {
  using namespace iree::hal::py;
  // Arrays in globals are alive when the interpreter goes; that is no mistake of the user's.
  nanobind::set_leak_warnings(false);
  if (gil::install()) nanobind::raise_python_error();
  m.doc() = "Devices, buffers and arrays; use them through iree.hal.";
  m.attr("ABI_VERSION") = IREE_HAL_ABI_VERSION;
  bind_errors(m);
  bind_buffer(m);
  bind_sync(m);
  bind_commands(m);
  bind_device(m);
  bind_device_array(m);
  bind_python_api(m);
}
