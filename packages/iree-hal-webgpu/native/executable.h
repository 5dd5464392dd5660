// Executables of format "spirv-portable".
#pragma once

#include <string>
#include <vector>

#include "buffer.h"

namespace iree::hal_webgpu {

struct Executable : iree_hal_executable_t {
  struct Entry {
    std::string label;  // for people
    uint32_t binding_count, written_bindings, constant_count;
    WGPUComputePipeline pipeline = nullptr;
  };
  hal::Ref<iree_hal_device_t> device;
  std::vector<Entry> entries;

  // Verifies the bytes, has Dawn check and compile the code. DATA_LOSS, INCOMPATIBLE.
  static iree_hal_status_t make(Device* device, iree_hal_string_t format, iree_hal_span_t data,
                                iree_hal_executable_t** out);
  ~Executable();
};

}  // namespace iree::hal_webgpu
