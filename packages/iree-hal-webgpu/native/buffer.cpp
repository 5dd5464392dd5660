#include "buffer.h"

#include <algorithm>

#include "encoder.h"

namespace iree::hal_webgpu {

using hal::make_status;

namespace {

uint64_t round_down(uint64_t value, uint64_t to) { return value / to * to; }
uint64_t round_up(uint64_t value, uint64_t to) { return (value + to - 1) / to * to; }

}  // namespace

iree_hal_status_t Buffer::make(Device* device, iree_hal_buffer_params_t params, uint64_t length,
                               bool now, iree_hal_buffer_t** out) {
  constexpr uint32_t types = 0xF, usages = 0xF;
  if ((params.type & ~types) || (params.usage & ~usages)) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "unknown memory type 0x%x or usage 0x%x",
                       params.type, params.usage);
  }
  if (length > device->limits.maxBufferSize) {
    return make_status(IREE_HAL_RESOURCE_EXHAUSTED,
                       "%s: a buffer of %llu bytes, but Dawn makes them of %llu at most",
                       device->uri, (unsigned long long)length,
                       (unsigned long long)device->limits.maxBufferSize);
  }
  auto self = std::unique_ptr<Buffer>(new (std::nothrow) Buffer());
  if (!self) return hal::out_of_memory();
  self->device = device;
  iree_hal_retain(device);
  self->vtable = &kTable;
  self->type = IREE_HAL_MEMORY_DEVICE_LOCAL | params.type;
  if (params.usage & IREE_HAL_USAGE_MAPPING) {
    self->type |=
        IREE_HAL_MEMORY_HOST_VISIBLE | IREE_HAL_MEMORY_HOST_COHERENT | IREE_HAL_MEMORY_HOST_CACHED;
  }
  self->usage = params.usage;
  self->length = length;
  self->host_pointer = nullptr;
  self->valid_end_ = round_up(length, 4);  // nothing is known of either side
  if (now) {
    IREE_HAL_TRY(device->check_alive());
    std::lock_guard lock(device->gate);
    Memory memory;
    IREE_HAL_TRY(self->memory(&memory));
  }
  hal::init_object<iree_hal_buffer_t>(self.get());
  *out = self.release();
  return nullptr;
}

iree_hal_status_t Buffer::cast(Device* device, iree_hal_buffer_t* buffer, Buffer** out) {
  if (buffer->vtable != &kTable || buffer->device != device) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "%s: the buffer belongs to device %s",
                       device->uri, buffer->device->uri);
  }
  *out = static_cast<Buffer*>(buffer);
  return nullptr;
}

Buffer::~Buffer() {
  if (!Device::is_fork()) {
    std::lock_guard lock(owner()->gate);
    deallocate();
  }
  free(shadow_);
  iree_hal_release(device);
}

iree_hal_status_t Buffer::memory(Memory* out) {
  if (gone_) {
    return make_status(IREE_HAL_FAILED_PRECONDITION,
                       "a buffer of %llu bytes is used after its deallocation",
                       (unsigned long long)length);
  }
  if (!memory_.buffer) {
    IREE_HAL_TRY(
        owner()->pool.acquire(MemoryPool::kDevice, std::max<uint64_t>(length, 1), &memory_));
  }
  *out = memory_;
  return nullptr;
}

void Buffer::deallocate() {
  owner()->pool.release(MemoryPool::kDevice, std::exchange(memory_, Memory()));
  gone_ = true;
}

//===-- Between device and host
//----------------------------------------------------------------===//

iree_hal_status_t Buffer::make_shadow() {
  if (shadow_) return nullptr;
  shadow_ = static_cast<uint8_t*>(aligned_alloc(64, std::max<uint64_t>(round_up(length, 64), 64)));
  if (!shadow_) {
    return make_status(IREE_HAL_RESOURCE_EXHAUSTED, "no host memory to map %llu bytes",
                       (unsigned long long)length);
  }
  // A piece of an allocation that was never written may be sent along with one that was.
  memset(shadow_ + round_down(length, 4), 0, round_up(length, 4) - round_down(length, 4));
  return nullptr;
}

// The words that hold [begin, end): what is copied. Only the bytes themselves reach the host's
// copy.
uint64_t Readback::first() const { return round_down(begin, 4); }
uint64_t Readback::size() const { return round_up(end, 4) - first(); }

iree_hal_status_t Buffer::start_readback(WGPUCommandEncoder encoder, uint64_t begin, uint64_t end,
                                         Readback* out) {
  out->begin = begin;
  out->end = end;
  Memory source;
  IREE_HAL_TRY(memory(&source));
  IREE_HAL_TRY(owner()->pool.acquire(MemoryPool::kReadback, out->size(), &out->staging));
  dawn().CommandEncoderCopyBufferToBuffer(encoder, source.buffer, out->first(), out->staging.buffer,
                                          0, out->size());
  return nullptr;
}

void Buffer::map_readback(Readback* readback) {
  WGPUBufferMapCallbackInfo2 info = {};
  info.mode = WGPUCallbackMode_WaitAnyOnly;
  info.userdata1 = readback;
  info.callback = [](uint32_t status, WGPUStringView, void* data, void*) {
    static_cast<Readback*>(data)->mapped = status == WGPUMapAsyncStatus_Success;
  };
  readback->future =
      dawn().BufferMapAsync2(readback->staging.buffer, WGPUMapMode_Read, 0, readback->size(), info);
}

iree_hal_status_t Buffer::finish_readback(Readback* readback) {
  const void* data = readback->mapped ? dawn().BufferGetConstMappedRange(readback->staging.buffer,
                                                                         0, readback->size())
                                      : nullptr;
  iree_hal_status_t status = nullptr;
  if (data) {
    // Around what the host is writing.
    uint64_t at = readback->begin;
    const auto* bytes = static_cast<const uint8_t*>(data) - readback->first();
    while (at < readback->end) {
      uint64_t until = readback->end, next = readback->end;
      for (const MappedRange& range : mappings_) {
        if (!(range.access & IREE_HAL_ACCESS_WRITE) || range.end <= at || range.begin >= until)
          continue;
        until = std::max(range.begin, at);
        next = range.end;
      }
      memcpy(shadow_ + at, bytes + at, until - at);
      at = next;
    }
  } else {
    status = owner()->take_error(IREE_HAL_INTERNAL);
    if (!status)
      status = make_status(IREE_HAL_INTERNAL, "%s: a copy to the host does not map", owner()->uri);
  }
  if (readback->mapped) dawn().BufferUnmap(readback->staging.buffer);
  owner()->pool.release(MemoryPool::kReadback, readback->staging);
  return status;
}

iree_hal_status_t Buffer::fetch(uint64_t begin, uint64_t end) {
  Device* device = owner();
  Readback readback;
  WGPUCommandEncoder encoder = dawn().DeviceCreateCommandEncoder(device->handle, nullptr);
  iree_hal_status_t status = start_readback(encoder, begin, end, &readback);
  if (!status) status = submit(device, encoder);
  dawn().CommandEncoderRelease(encoder);
  if (status) {
    device->pool.release(MemoryPool::kReadback, readback.staging);
    return status;
  }
  map_readback(&readback);
  device->work->wait_with_gate(readback.future);
  return finish_readback(&readback);
}

iree_hal_status_t Buffer::send(uint64_t begin, uint64_t end) {
  if (begin == end) return nullptr;
  Device* device = owner();
  Memory target;
  IREE_HAL_TRY(memory(&target));
  if (begin % 4 == 0 && (end % 4 == 0 || end == length)) {
    dawn().QueueWriteBuffer(device->queue, target.buffer, begin, shadow_ + begin,
                            round_up(end, 4) - begin);
    return device->take_error(IREE_HAL_INTERNAL);
  }
  // The words at the ends hold bytes of others too.
  Memory scratch;
  const uint64_t first = round_down(begin, 4);
  IREE_HAL_TRY(device->pool.acquire(MemoryPool::kDevice, round_up(end, 4) - first, &scratch));
  dawn().QueueWriteBuffer(device->queue, scratch.buffer, 0, shadow_ + first,
                          round_up(end, 4) - first);
  Encoder encoder(device);
  iree_hal_status_t status = encoder.copy(scratch, begin - first, target, begin, end - begin);
  if (!status) status = encoder.submit();
  device->pool.release(MemoryPool::kDevice, scratch);
  return status;
}

//===-- Mappings
//-------------------------------------------------------------------------------===//

iree_hal_status_t Buffer::before_use() {
  for (const MappedRange& range : mappings_) {
    if (range.access & IREE_HAL_ACCESS_WRITE) IREE_HAL_TRY(send(range.begin, range.end));
  }
  return nullptr;
}

std::vector<std::pair<uint64_t, uint64_t>> Buffer::read_mapped(uint64_t begin, uint64_t end) const {
  std::vector<std::pair<uint64_t, uint64_t>> parts;
  for (const MappedRange& range : mappings_) {
    const uint64_t first = std::max(range.begin, begin), past = std::min(range.end, end);
    if (first < past && (range.access & IREE_HAL_ACCESS_READ)) parts.push_back({first, past});
  }
  return parts;
}

iree_hal_status_t Buffer::map_range(iree_hal_buffer_t* base, iree_hal_access_t access,
                                    uint64_t offset, uint64_t length, void** out_data) {
  auto* self = static_cast<Buffer*>(base);
  if (!(self->usage & IREE_HAL_USAGE_MAPPING)) {
    return make_status(IREE_HAL_FAILED_PRECONDITION, "buffer was made without USAGE_MAPPING");
  }
  return guard([&]() -> iree_hal_status_t {
    IREE_HAL_TRY(self->owner()->check_alive());
    std::unique_lock lock(self->owner()->gate);
    IREE_HAL_TRY(self->make_shadow());
    const uint64_t end = offset + length;
    // While it is fetched it counts as mapped for reading, so that it does not miss what is
    // submitted meanwhile.
    self->mappings_.push_back({IREE_HAL_ACCESS_READ, offset, end});
    // What is not written by the host goes back to the device as it was: it is fetched for writing
    // too.
    bool valid = self->valid_begin_ <= offset && end <= self->valid_end_;
    if (length && !valid) {
      const uint64_t writes = self->writes_;
      if (iree_hal_status_t status = self->fetch(offset, end)) {
        self->forget_mapping(IREE_HAL_ACCESS_READ, offset, length);
        return status;
      }
      if (writes == self->writes_) {
        self->valid_begin_ = offset, self->valid_end_ = end;
      }
    }
    if (access != IREE_HAL_ACCESS_READ) {
      self->forget_mapping(IREE_HAL_ACCESS_READ, offset, length);
      self->mappings_.push_back({access, offset, end});
    }
    *out_data = self->shadow_ + offset;
    return nullptr;
  });
}

void Buffer::unmap_range(iree_hal_buffer_t* base, iree_hal_access_t access, uint64_t offset,
                         uint64_t length) {
  auto* self = static_cast<Buffer*>(base);
  if (Device::is_fork()) return;
  std::lock_guard lock(self->owner()->gate);
  if (access & IREE_HAL_ACCESS_WRITE) {
    // There is nobody to tell: what fails here fails the work that follows.
    hal::Status(self->send(offset, offset + length));
  }
  self->forget_mapping(access, offset, length);
}

void Buffer::forget_mapping(iree_hal_access_t access, uint64_t offset, uint64_t length) {
  auto found = std::find_if(mappings_.begin(), mappings_.end(), [&](const MappedRange& range) {
    return range.access == access && range.begin == offset && range.end == offset + length;
  });
  if (found != mappings_.end()) mappings_.erase(found);
}

constinit const iree_hal_buffer_vtable_t Buffer::kTable = {
    sizeof(iree_hal_buffer_vtable_t),
    IREE_HAL_ABI_VERSION,
    map_range,
    unmap_range,
};

}  // namespace iree::hal_webgpu
