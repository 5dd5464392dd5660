#include "memory.h"

#include <algorithm>

#include "device.h"

namespace iree::hal_webgpu {
namespace {

constexpr uint64_t kMostCached = uint64_t{256} << 20;

// Coarse, so that what is freed fits what is asked for next: an eighth is wasted at most, above the
// smallest.
uint64_t rounded(uint64_t length) {
  uint64_t step = 256;
  while (step * 16 < length) step *= 2;
  return std::max<uint64_t>((length + step - 1) / step * step, 256);
}

std::atomic<uint64_t> next_id{1};

}  // namespace

iree_hal_status_t MemoryPool::acquire(Kind kind, uint64_t length, Memory* out) {
  const uint64_t most = device_->limits.maxBufferSize;
  if (length > most) {
    return hal::make_status(IREE_HAL_RESOURCE_EXHAUSTED,
                            "%s: a buffer of %llu bytes, but Dawn makes them of %llu at most",
                            device_->uri, (unsigned long long)length, (unsigned long long)most);
  }
  uint64_t size = std::min(rounded(length), most / 16 * 16);
  if (size < length) size = length;
  auto found = free_[kind].find(size);
  if (found != free_[kind].end()) {
    *out = found->second;
    free_[kind].erase(found);
    cached -= size;
  } else {
    WGPUBufferDescriptor descriptor = {};
    descriptor.size = size;
    descriptor.usage = kind == kReadback ? WGPUBufferUsage_MapRead | WGPUBufferUsage_CopyDst
                                         : WGPUBufferUsage_Storage | WGPUBufferUsage_Uniform |
                                               WGPUBufferUsage_CopySrc | WGPUBufferUsage_CopyDst;
    WGPUBuffer buffer = nullptr;
    iree_hal_status_t status = nullptr;
    for (int attempt = 0; attempt < 2; ++attempt) {
      hal::free_status(status);
      buffer = dawn().DeviceCreateBuffer(device_->handle, &descriptor);
      status = device_->take_error(IREE_HAL_RESOURCE_EXHAUSTED);
      if (!status && buffer) break;
      if (buffer) dawn().BufferRelease(buffer);
      buffer = nullptr;
      trim(0);  // and once more
    }
    if (!buffer)
      return status ? status
                    : hal::make_status(IREE_HAL_RESOURCE_EXHAUSTED, "%s: no memory", device_->uri);
    *out = {buffer, size, next_id.fetch_add(1)};
  }
  uint64_t now = used += out->size;
  if (now > peak) peak = now;
  return nullptr;
}

void MemoryPool::release(Kind kind, Memory memory) {
  if (!memory.buffer) return;
  used -= memory.size;
  cached += memory.size;
  free_[kind].emplace(memory.size, memory);
  if (cached > kMostCached) trim(kMostCached / 2);
}

void MemoryPool::drop(Memory memory) {
  used -= memory.size;
  dawn().BufferRelease(memory.buffer);
}

void MemoryPool::trim(uint64_t keep) {
  // The largest first: they are the least likely to fit again.
  for (auto& list : free_) {
    while (cached > keep && !list.empty()) {
      auto last = std::prev(list.end());
      cached -= last->first;
      destroy(last->second);
      list.erase(last);
    }
  }
}

void MemoryPool::destroy(Memory memory) {
  device_->caches.forget(memory.id);
  dawn().BufferDestroy(memory.buffer);
  dawn().BufferRelease(memory.buffer);
}

}  // namespace iree::hal_webgpu
