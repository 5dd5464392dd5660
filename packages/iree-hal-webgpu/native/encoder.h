// Turns resolved commands into one of Dawn's command buffers. Needs the device's gate all the time.
#pragma once

#include "program.h"

namespace iree::hal_webgpu {

class Encoder {
 public:
  explicit Encoder(Device* device);
  ~Encoder();
  Encoder(const Encoder&) = delete;

  // `ranges` are those of all bindings of the program.
  iree_hal_status_t run(const Program& program, const Range* ranges);
  // Of any alignment, within one buffer too.
  iree_hal_status_t fill(const Memory& target, uint64_t offset, uint64_t length,
                         const uint8_t* pattern, uint32_t pattern_size);
  iree_hal_status_t copy(const Memory& source, uint64_t source_offset, const Memory& target,
                         uint64_t target_offset, uint64_t length);
  // For commands outside of passes.
  WGPUCommandEncoder outside();

  // Ends encoding and hands the work to the queue.
  iree_hal_status_t submit();

 private:
  WGPUComputePassEncoder pass();
  iree_hal_status_t dispatch(const Program& program, const Command& command, const Range* ranges);
  iree_hal_status_t copy_bytes(const Memory& source, uint64_t source_offset, const Memory& target,
                               uint64_t target_offset, uint64_t length);
  iree_hal_status_t scratch(uint64_t length, Memory* out);
  iree_hal_status_t launch(WGPUComputePipeline pipeline, std::vector<BoundRange>& ranges,
                           const uint32_t* constants, size_t constant_count,
                           const uint32_t groups[3]);
  iree_hal_status_t separate(const Executable::Entry& entry, std::vector<BoundRange>* bound);

  Device* device_;
  WGPUCommandEncoder encoder_;
  WGPUComputePassEncoder pass_ = nullptr;
  std::vector<Memory> scratch_;
};

// Finishes the encoder, which stays the caller's, and submits.
iree_hal_status_t submit(Device* device, WGPUCommandEncoder encoder);

}  // namespace iree::hal_webgpu
