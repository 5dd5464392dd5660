// The HAL's buffers: Dawn's memory and, for what the host maps, a copy on the host.
//
// WebGPU maps a buffer only while no work can touch it, and one of storage not at all. The HAL's
// mappings last as long as the host wants, and show what work wrote whose end the host has seen. So
// the host gets a copy of its own ("shadow"): a mapping to read fetches what the device has written
// since, an unmapping of what could be written sends it, and work that starts or ends while there
// are mappings does so for their ranges.
#pragma once

#include <vector>

#include "device.h"

namespace iree::hal_webgpu {

// A copy from device memory on its way to the host.
struct Readback {
  Memory staging;
  uint64_t begin = 0, end = 0;  // of the buffer
  WGPUFuture future = {};
  bool mapped = false;

  uint64_t first() const;
  uint64_t size() const;
};

class Buffer : public iree_hal_buffer_t {
 public:
  // `now` is false for a reservation, whose memory comes with its first use.
  static iree_hal_status_t make(Device* device, iree_hal_buffer_params_t params, uint64_t length,
                                bool now, iree_hal_buffer_t** out);
  // INVALID_ARGUMENT if it belongs to another device.
  static iree_hal_status_t cast(Device* device, iree_hal_buffer_t* buffer, Buffer** out);
  ~Buffer();

  Device* owner() const { return static_cast<Device*>(device); }

  // The rest needs the gate.
  // FAILED_PRECONDITION after `deallocate`.
  iree_hal_status_t memory(Memory* out);
  void deallocate();

  // Before work that uses the buffer is submitted: sends what is mapped for writing.
  iree_hal_status_t before_use();
  // Work that writes to it is being encoded.
  void note_write() {
    valid_begin_ = valid_end_ = 0;
    ++writes_;
  }
  // After work that writes to it: `start` copies what is mapped for reading, `map` once that is
  // submitted, `finish` once it is done.
  // The parts of [begin, end) that are mapped for reading.
  std::vector<std::pair<uint64_t, uint64_t>> read_mapped(uint64_t begin, uint64_t end) const;
  iree_hal_status_t start_readback(WGPUCommandEncoder encoder, uint64_t begin, uint64_t end,
                                   Readback* out);
  static void map_readback(Readback* readback);
  iree_hal_status_t finish_readback(Readback* readback);

 private:
  struct MappedRange {
    iree_hal_access_t access;
    uint64_t begin, end;
  };
  static iree_hal_status_t map_range(iree_hal_buffer_t* base, iree_hal_access_t access,
                                     uint64_t offset, uint64_t length, void** out_data);
  static void unmap_range(iree_hal_buffer_t* base, iree_hal_access_t access, uint64_t offset,
                          uint64_t length);
  static const iree_hal_buffer_vtable_t kTable;

  iree_hal_status_t make_shadow();
  // Fetches [begin, end), but not what is mapped for writing; lets the gate go meanwhile.
  iree_hal_status_t fetch(uint64_t begin, uint64_t end);
  iree_hal_status_t send(uint64_t begin, uint64_t end);
  void forget_mapping(iree_hal_access_t access, uint64_t offset, uint64_t length);

  Memory memory_;
  bool gone_ = false;
  uint8_t* shadow_ = nullptr;
  // Where the shadow is what the device has; outside it may be older.
  uint64_t valid_begin_ = 0, valid_end_ = 0;
  uint64_t writes_ = 0;
  std::vector<MappedRange> mappings_;
};

}  // namespace iree::hal_webgpu
