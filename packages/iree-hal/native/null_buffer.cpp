// Buffers in host memory: allocated, or somebody else's.
#include "null_driver.h"

namespace iree::hal::null {
namespace {

struct Buffer : iree_hal_buffer_t {
  iree_hal_release_callback_t release = {};  // of imported memory; fn NULL if allocated
  bool imported = false;

  ~Buffer() {
    auto* owner = static_cast<Device*>(device);
    if (!imported) {
      free(host_pointer);
      owner->used.fetch_sub(length);
    } else if (release.fn) {
      release.fn(release.user_data);
    }
    iree_hal_release(owner);
  }
};

iree_hal_status_t map_range(iree_hal_buffer_t* self, iree_hal_access_t, uint64_t offset, uint64_t,
                            void** out_data) {
  if (!(self->usage & IREE_HAL_USAGE_MAPPING)) {
    return make_status(IREE_HAL_FAILED_PRECONDITION, "buffer was made without USAGE_MAPPING");
  }
  *out_data = static_cast<char*>(self->host_pointer) + offset;
  return nullptr;
}

void unmap_range(iree_hal_buffer_t*, iree_hal_access_t, uint64_t, uint64_t) {}

constexpr iree_hal_buffer_vtable_t kTable = {
    sizeof(iree_hal_buffer_vtable_t),
    IREE_HAL_ABI_VERSION,
    map_range,
    unmap_range,
};

iree_hal_status_t check_params(iree_hal_buffer_params_t params) {
  constexpr uint32_t types = 0xF, usages = 0xF;
  if ((params.type & ~types) || (params.usage & ~usages)) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "unknown memory type 0x%x or usage 0x%x",
                       params.type, params.usage);
  }
  return nullptr;
}

// Everything but the memory.
Buffer* make(Device* device, iree_hal_buffer_params_t params, uint64_t length) {
  auto* self = new (std::nothrow) Buffer();
  if (!self) return nullptr;
  init_object<iree_hal_buffer_t>(self);
  iree_hal_retain(device);
  self->vtable = &kTable;
  self->device = device;
  self->type = IREE_HAL_MEMORY_DEVICE_LOCAL | IREE_HAL_MEMORY_HOST_VISIBLE |
               IREE_HAL_MEMORY_HOST_COHERENT | IREE_HAL_MEMORY_HOST_CACHED;
  self->usage = params.usage;
  self->length = length;
  return self;
}

}  // namespace

iree_hal_status_t make_buffer(Device* device, iree_hal_buffer_params_t params, uint64_t length,
                              iree_hal_buffer_t** out) {
  IREE_HAL_TRY(check_params(params));
  void* memory = nullptr;
  if (length > INT64_MAX || posix_memalign(&memory, 64, length ? length : 1) != 0) {
    return make_status(IREE_HAL_RESOURCE_EXHAUSTED, "null device: no memory for %llu bytes",
                       (unsigned long long)length);
  }
  Buffer* self = make(device, params, length);
  if (!self) {
    free(memory);
    return out_of_memory();
  }
  self->host_pointer = memory;
  uint64_t used = device->used.fetch_add(length) + length;
  uint64_t peak = device->peak.load();
  while (used > peak && !device->peak.compare_exchange_weak(peak, used)) {
  }
  *out = self;
  return nullptr;
}

iree_hal_status_t import_buffer(Device* device, iree_hal_buffer_params_t params, void* data,
                                uint64_t length, iree_hal_release_callback_t release,
                                iree_hal_buffer_t** out) {
  IREE_HAL_TRY(check_params(params));
  Buffer* self = make(device, params, length);
  if (!self) return out_of_memory();
  self->imported = true;
  self->host_pointer = data;
  self->release = release;
  *out = self;
  return nullptr;
}

}  // namespace iree::hal::null
