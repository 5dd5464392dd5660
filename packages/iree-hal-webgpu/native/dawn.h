// Dawn's library: found by the Python package, loaded once, never unloaded.
#pragma once

#include <string>
#include <vector>

#include "iree/hal.hpp"
#include "webgpu.h"

namespace iree::hal_webgpu {

// Dawn's C functions: `dawn().QueueSubmit(…)` is wgpuQueueSubmit.
struct Dawn {
#define IREE_WEBGPU_POINTER(name, result, arguments) result(*name) arguments;
  IREE_WEBGPU_FUNCTIONS(IREE_WEBGPU_POINTER)
#undef IREE_WEBGPU_POINTER
};
const Dawn& dawn();

// Says where the library is; it is loaded by the first call of `start`.
void set_library(std::string path);
// Loads the library and makes the process's one instance. NOT_FOUND or INCOMPATIBLE, which name the
// package to install.
iree_hal_status_t start();
WGPUInstance instance();

inline std::string to_string(WGPUStringView text) {
  return text.data
             ? std::string(text.data, text.length == SIZE_MAX ? strlen(text.data) : text.length)
             : std::string();
}
inline WGPUStringView to_view(const std::string& text) { return {text.data(), text.size()}; }

// Waits at most `timeout_ns`; whether the future is done (its callback has then run).
bool wait(WGPUFuture future, uint64_t timeout_ns);

// Something that Dawn could open a device on.
struct Adapter {
  WGPUAdapter handle = nullptr;  // lives as long as the process
  std::string name;              // for people
  std::string kind;              // "Vulkan, CPU"
  WGPULimits limits = {};
  bool has_f16 = false;
};
// The adapters that Dawn gives to any of the questions that its C API allows, each once. NOT_FOUND,
// which says what to install, if there is none.
iree_hal_status_t find_adapters(std::vector<Adapter>* out);

}  // namespace iree::hal_webgpu
