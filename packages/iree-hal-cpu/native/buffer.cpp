#include "buffer.h"

#include "device.h"
#include "iree/cpu_executable.h"
#include "memory_pool.h"

namespace iree::hal_cpu {
namespace {

using hal::make_status;

constexpr iree_hal_memory_type_t kTypes =
    IREE_HAL_MEMORY_DEVICE_LOCAL | IREE_HAL_MEMORY_HOST_VISIBLE | IREE_HAL_MEMORY_HOST_COHERENT |
    IREE_HAL_MEMORY_HOST_CACHED;
constexpr iree_hal_buffer_usage_t kUsages = IREE_HAL_USAGE_TRANSFER | IREE_HAL_USAGE_STORAGE |
                                            IREE_HAL_USAGE_MAPPING | IREE_HAL_USAGE_CONSTANT;

iree_hal_status_t map_range(iree_hal_buffer_t* self, iree_hal_access_t access, uint64_t offset,
                            uint64_t length, void** out_data) {
  auto* buffer = static_cast<Buffer*>(self);
  if (!(self->usage & IREE_HAL_USAGE_MAPPING)) {
    return make_status(IREE_HAL_FAILED_PRECONDITION,
                       "buffer of %llu bytes was not allocated for mapping",
                       (unsigned long long)self->length);
  }
  if ((access & IREE_HAL_ACCESS_WRITE) && (self->usage & IREE_HAL_USAGE_CONSTANT)) {
    return make_status(IREE_HAL_FAILED_PRECONDITION,
                       "buffer is constant: it cannot be mapped for writing");
  }
  IREE_HAL_TRY(hal::check_range(self->length, offset, &length, "map"));
  if (!buffer->expose()) {
    return make_status(IREE_HAL_FAILED_PRECONDITION, "map: the buffer has been deallocated");
  }
  *out_data = buffer->data() + offset;
  return nullptr;
}

void unmap_range(iree_hal_buffer_t*, iree_hal_access_t, uint64_t, uint64_t) {}

constexpr iree_hal_buffer_vtable_t kVtable = {sizeof(kVtable), IREE_HAL_ABI_VERSION, map_range,
                                              unmap_range};

iree_hal_status_t check_params(iree_hal_buffer_params_t params) {
  if (params.type & ~kTypes) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "unknown memory type bits 0x%x",
                       params.type & ~kTypes);
  }
  if (params.usage & ~kUsages) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "unknown buffer usage bits 0x%x",
                       params.usage & ~kUsages);
  }
  return nullptr;
}

}  // namespace

void MemoryStatistics::add(uint64_t bytes) {
  uint64_t now = used.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  uint64_t top = peak.load(std::memory_order_relaxed);
  while (now > top && !peak.compare_exchange_weak(top, now, std::memory_order_relaxed)) {
  }
}

iree_hal_status_t Buffer::create(Device* device, iree_hal_buffer_params_t params, uint64_t length,
                                 iree_hal_buffer_t** out) {
  IREE_HAL_TRY(check_params(params));
  void* data = MemoryPool::get().allocate(length);
  auto* buffer = data ? new (std::nothrow) Buffer() : nullptr;
  if (!buffer) {
    MemoryPool::get().deallocate(data, length);
    return make_status(IREE_HAL_RESOURCE_EXHAUSTED, "no memory for a buffer of %llu bytes",
                       (unsigned long long)length);
  }
  hal::init_object<iree_hal_buffer_t>(buffer);
  iree_hal_retain(device);
  device->memory.add(length);
  buffer->vtable = &kVtable;
  buffer->device = device;
  buffer->type = kTypes;
  buffer->usage = params.usage;
  buffer->length = length;
  buffer->host_pointer = data;
  buffer->data_ = static_cast<uint8_t*>(data);
  *out = buffer;
  return nullptr;
}

iree_hal_status_t Buffer::import(Device* device, iree_hal_buffer_params_t params, void* data,
                                 uint64_t length, iree_hal_release_callback_t release,
                                 iree_hal_buffer_t** out) {
  IREE_HAL_TRY(check_params(params));
  if (!data && length) return make_status(IREE_HAL_INVALID_ARGUMENT, "import of a null pointer");
  if ((params.usage & IREE_HAL_USAGE_STORAGE) &&
      reinterpret_cast<uintptr_t>(data) % IREE_CPU_BINDING_ALIGNMENT) {
    return make_status(IREE_HAL_UNIMPLEMENTED,
                       "cannot import memory at %p for kernels: it is not aligned to %u bytes; "
                       "copy it into an allocated buffer",
                       data, IREE_CPU_BINDING_ALIGNMENT);
  }
  auto* buffer = new (std::nothrow) Buffer();
  if (!buffer) return hal::out_of_memory();
  hal::init_object<iree_hal_buffer_t>(buffer);
  iree_hal_retain(device);
  buffer->vtable = &kVtable;
  buffer->device = device;
  buffer->type = kTypes;
  buffer->usage = params.usage;
  buffer->length = length;
  buffer->host_pointer = data;
  buffer->data_ = static_cast<uint8_t*>(data);
  buffer->imported_ = true;
  buffer->release_ = release;
  *out = buffer;
  return nullptr;
}

Buffer* Buffer::from(iree_hal_buffer_t* buffer) {
  return buffer->vtable == &kVtable ? static_cast<Buffer*>(buffer) : nullptr;
}

bool Buffer::expose() {
  uint32_t state = state_.load(std::memory_order_acquire);
  // Mapping what has been mapped before costs no write.
  if (!state) state = state_.fetch_or(kExposed, std::memory_order_acq_rel);
  return !(state & kDeallocated);
}

void Buffer::deallocate() {
  // Who deallocates first and finds nobody looking at it gives it back.
  if (!state_.fetch_or(kDeallocated, std::memory_order_acq_rel)) give_back();
}

void Buffer::give_back() {
  if (imported_) return;
  static_cast<Device*>(device)->memory.remove(length);
  MemoryPool::get().deallocate(data_, length);
}

Buffer::~Buffer() {
  if (state_.load(std::memory_order_acquire) != kDeallocated) give_back();
  if (release_.fn) release_.fn(release_.user_data);
  iree_hal_release(device);
}

iree_hal_status_t resolve_range(const iree_hal_binding_t& range, const Use& use, uint8_t** out,
                                uint64_t* length) {
  Buffer* buffer = Buffer::from(range.buffer);
  if (!buffer) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "%s: the buffer belongs to another driver",
                       use.what);
  }
  if ((buffer->usage & use.usage) != use.usage) {
    return make_status(IREE_HAL_FAILED_PRECONDITION,
                       "%s: the buffer was allocated with usage 0x%x, which lacks %s", use.what,
                       buffer->usage,
                       use.usage == IREE_HAL_USAGE_STORAGE ? "USAGE_STORAGE" : "USAGE_TRANSFER");
  }
  if (use.writes && (buffer->usage & IREE_HAL_USAGE_CONSTANT)) {
    return make_status(IREE_HAL_FAILED_PRECONDITION, "%s: the buffer is constant", use.what);
  }
  if (buffer->is_deallocated()) {
    return make_status(IREE_HAL_FAILED_PRECONDITION, "%s: the buffer has been deallocated",
                       use.what);
  }
  *length = range.length;
  IREE_HAL_TRY(hal::check_range(buffer->length, range.offset, length, use.what));
  *out = buffer->data() + range.offset;
  return nullptr;
}

}  // namespace iree::hal_cpu
