#include "buffer.h"

#include <algorithm>

#include "device.h"

namespace iree::hal_vulkan {
namespace {

using ull = unsigned long long;

constexpr iree_hal_memory_type_t kTypes =
    IREE_HAL_MEMORY_DEVICE_LOCAL | IREE_HAL_MEMORY_HOST_VISIBLE | IREE_HAL_MEMORY_HOST_COHERENT |
    IREE_HAL_MEMORY_HOST_CACHED;
constexpr iree_hal_buffer_usage_t kUsages = IREE_HAL_USAGE_TRANSFER | IREE_HAL_USAGE_STORAGE |
                                            IREE_HAL_USAGE_MAPPING | IREE_HAL_USAGE_CONSTANT;
// The host reads that much across the bus sooner than it has it copied.
constexpr uint64_t kReadDirectly = 256;

constexpr iree_hal_buffer_vtable_t kVtable = {
    sizeof(kVtable),
    IREE_HAL_ABI_VERSION,
    [](iree_hal_buffer_t* self, iree_hal_access_t access, uint64_t offset, uint64_t length,
       void** out) { return static_cast<Buffer*>(self)->map(access, offset, length, out); },
    [](iree_hal_buffer_t* self, iree_hal_access_t access, uint64_t offset, uint64_t length) {
      static_cast<Buffer*>(self)->unmap(access, offset, length);
    },
};

void check_params(iree_hal_buffer_params_t params) {
  if (params.type & ~kTypes) {
    raise(IREE_HAL_INVALID_ARGUMENT, "unknown memory type bits 0x%x", params.type & ~kTypes);
  }
  if (params.usage & ~kUsages) {
    raise(IREE_HAL_INVALID_ARGUMENT, "unknown buffer usage bits 0x%x", params.usage & ~kUsages);
  }
}

}  // namespace

hal::Ref<iree_hal_buffer_t> Buffer::create(Device* device, iree_hal_buffer_params_t params,
                                           uint64_t length) {
  check_params(params);
  const bool host =
      (params.type & IREE_HAL_MEMORY_HOST_VISIBLE) || (params.usage & IREE_HAL_USAGE_MAPPING);
  const MemoryTypes& types = device->memory_types;
  uint32_t type = !host                                        ? types.local
                  : params.type & IREE_HAL_MEMORY_DEVICE_LOCAL ? types.both
                                                               : types.host;
  std::unique_ptr<Buffer> buffer(new Buffer());
  try {
    buffer->allocation_ = device->allocator.allocate(type, length);
  } catch (const hal::Error&) {
    // What is seen through the bus may be less than what there is.
    if (type != types.both || types.both == types.local) throw;
    buffer->allocation_ = device->allocator.allocate(types.local, length);
  }
  hal::init_object<iree_hal_buffer_t>(buffer.get());
  iree_hal_retain(device);
  device->count_memory(static_cast<int64_t>(length));
  buffer->vtable = &kVtable;
  buffer->device = device;
  buffer->type = types.unified ? kTypes : params.type | (host ? IREE_HAL_MEMORY_HOST_VISIBLE : 0);
  buffer->usage = params.usage;
  buffer->length = length;
  const bool cached = types.unified || !(params.type & IREE_HAL_MEMORY_DEVICE_LOCAL);
  buffer->reads_slowly_ = !cached;
  buffer->host_pointer = cached ? buffer->mapped() : nullptr;
  return hal::Ref<iree_hal_buffer_t>::adopt(buffer.release());
}

hal::Ref<iree_hal_buffer_t> Buffer::import(Device* device, iree_hal_buffer_params_t params,
                                           void* data, uint64_t length,
                                           iree_hal_release_callback_t release) {
  check_params(params);
  if (!data && length) raise(IREE_HAL_INVALID_ARGUMENT, "import of a null pointer");
  const uint64_t page = device->adapter.import_alignment;
  const uint64_t alignment =
      std::max<uint64_t>(16, device->adapter.properties.limits.minStorageBufferOffsetAlignment);
  const auto address = reinterpret_cast<uintptr_t>(data);
  if (!device->memory_types.unified || !page || !device->api.vkGetMemoryHostPointerPropertiesEXT) {
    raise(IREE_HAL_UNIMPLEMENTED,
          "%s has memory of its own: copy host memory into an allocated buffer", device->name);
  }
  if (address % alignment) {
    raise(IREE_HAL_UNIMPLEMENTED,
          "cannot import memory at %p: it is not aligned to %llu bytes; copy it into an allocated "
          "buffer",
          data, (ull)alignment);
  }
  // Whole pages; what else is in the first and the last one is not touched.
  const uintptr_t begin = address / page * page;
  const uint64_t size = align_up(address - begin + std::max<uint64_t>(length, 1), page);
  std::unique_ptr<Buffer> buffer(new Buffer());
  if (length) {
    try {
      buffer->imported_ = device->allocator.import(reinterpret_cast<void*>(begin), size);
    } catch (const hal::Error& error) {
      // Memory of a file that may only be read, say.
      raise(IREE_HAL_UNIMPLEMENTED, "the device cannot import this host memory (%s): copy it",
            error.what());
    }
    buffer->allocation_ = {buffer->imported_.get(), address - begin, length};
  } else {
    buffer->allocation_ = device->allocator.allocate(device->memory_types.both, 1);
  }
  hal::init_object<iree_hal_buffer_t>(buffer.get());
  iree_hal_retain(device);
  buffer->vtable = &kVtable;
  buffer->device = device;
  buffer->type = kTypes;
  buffer->usage = params.usage;
  buffer->length = length;
  buffer->host_pointer = data;
  buffer->release_ = release;
  return hal::Ref<iree_hal_buffer_t>::adopt(buffer.release());
}

Buffer* Buffer::from(iree_hal_buffer_t* buffer) {
  return buffer->vtable == &kVtable ? static_cast<Buffer*>(buffer) : nullptr;
}

Device& Buffer::owner() const { return *static_cast<Device*>(device); }

void Buffer::deallocate() {
  if (deallocated_.exchange(true, std::memory_order_acq_rel) || imported_) return;
  owner().count_memory(-static_cast<int64_t>(length));
  owner().allocator.free(allocation_);
}

Buffer::~Buffer() {
  if (!device) return;
  deallocate();
  if (imported_) owner().allocator.release(imported_.get());
  if (release_.fn) release_.fn(release_.user_data);
  iree_hal_release(device);
}

iree_hal_status_t Buffer::map(iree_hal_access_t access, uint64_t offset, uint64_t length,
                              void** out) {
  return Device::run([&] {
    if (!(usage & IREE_HAL_USAGE_MAPPING)) {
      raise(IREE_HAL_FAILED_PRECONDITION, "buffer of %llu bytes was not allocated for mapping",
            (ull)this->length);
    }
    if (is_deallocated()) raise(IREE_HAL_FAILED_PRECONDITION, "buffer has been deallocated");
    if ((access & IREE_HAL_ACCESS_WRITE) && (usage & IREE_HAL_USAGE_CONSTANT)) {
      raise(IREE_HAL_FAILED_PRECONDITION, "buffer is constant: it cannot be mapped for writing");
    }
    hal::check(hal::check_range(this->length, offset, &length, "map"));
    const bool reads = (access & IREE_HAL_ACCESS_READ) != 0;
    if (mapped() && (!reads_slowly_ || !reads || length <= kReadDirectly)) {
      *out = mapped() + offset;
      return;
    }
    auto staging =
        Buffer::create(&owner(), {IREE_HAL_MEMORY_HOST_VISIBLE, IREE_HAL_USAGE_MAPPING}, length);
    // What the host does not write stays as it is.
    owner().copy_and_wait(*this, offset, *Buffer::from(staging.get()), 0, length);
    *out = staging->host_pointer;
    std::lock_guard lock(mutex_);
    shadows_.push_back({offset, length, access, std::move(staging)});
  });
}

void Buffer::unmap(iree_hal_access_t access, uint64_t offset, uint64_t length) {
  if (length == IREE_HAL_WHOLE_BUFFER) length = this->length - offset;
  Shadow shadow;
  {
    std::lock_guard lock(mutex_);
    auto found = std::find_if(shadows_.begin(), shadows_.end(), [&](const Shadow& s) {
      return s.offset == offset && s.length == length && s.access == access;
    });
    if (found == shadows_.end()) return;
    shadow = std::move(*found);
    shadows_.erase(found);
  }
  if (!(access & IREE_HAL_ACCESS_WRITE)) return;
  // A failure is the device's end, which whoever uses it next is told.
  hal::free_status(Device::run([&] {
    owner().copy_and_wait(*Buffer::from(shadow.staging.get()), 0, *this, offset, length);
  }));
}

Buffer& resolve_range(const Device* device, iree_hal_binding_t* range, const Use& use) {
  Buffer* buffer = Buffer::from(range->buffer);
  if (!buffer || buffer->device != device) {
    raise(IREE_HAL_INVALID_ARGUMENT, "%s: the buffer belongs to another device", use.what);
  }
  if ((buffer->usage & use.usage) != use.usage) {
    raise(IREE_HAL_FAILED_PRECONDITION,
          "%s: the buffer was allocated with usage 0x%x, which lacks %s", use.what, buffer->usage,
          use.usage == IREE_HAL_USAGE_STORAGE ? "USAGE_STORAGE" : "USAGE_TRANSFER");
  }
  if (use.writes && (buffer->usage & IREE_HAL_USAGE_CONSTANT)) {
    raise(IREE_HAL_FAILED_PRECONDITION, "%s: the buffer is constant", use.what);
  }
  if (buffer->is_deallocated()) {
    raise(IREE_HAL_FAILED_PRECONDITION, "%s: the buffer has been deallocated", use.what);
  }
  hal::check(hal::check_range(buffer->length, range->offset, &range->length, use.what));
  return *buffer;
}

}  // namespace iree::hal_vulkan
