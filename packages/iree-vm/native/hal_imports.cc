// The imports of module `hal` but for command buffers: rows of iree.vm.imports over iree/hal.h.
#include <cstring>

#include "context.h"
#include "hal_operands.h"
#include "natives.h"

namespace iree::vm::natives {
namespace {

using hal::check;

// What constants are for: read by dispatches and copies, mapped by tools.
constexpr iree_hal_buffer_usage_t kConstantUsage =
    IREE_HAL_USAGE_TRANSFER | IREE_HAL_USAGE_STORAGE | IREE_HAL_USAGE_CONSTANT;

void check_range(const NativeCall& call, uint64_t size, uint64_t offset, uint64_t length) {
  check(hal::check_range(size, offset, &length, call.name));
}

// Keeps a module alive while a device uses its bytes.
iree_hal_release_callback_t hold(const ByteBuffer& bytes) {
  iree_hal_retain(bytes.module.get());
  return {[](void* module) { iree_hal_release(static_cast<Module*>(module)); }, bytes.module.get()};
}

hal::Ref<iree_hal_buffer_t> allocate_staging(iree_hal_device_t* device, uint64_t length) {
  hal::Ref<iree_hal_buffer_t> staging;
  check(device->vtable->allocate(device,
                                 {IREE_HAL_MEMORY_HOST_VISIBLE | IREE_HAL_MEMORY_HOST_COHERENT,
                                  IREE_HAL_USAGE_TRANSFER | IREE_HAL_USAGE_MAPPING},
                                 length, staging.out()));
  return staging;
}

// Copies on the device and waits for it.
void copy_and_wait(iree_hal_device_t* device, iree_hal_binding_t source,
                   iree_hal_binding_t target) {
  hal::Ref<iree_hal_semaphore_t> done;
  check(device->vtable->create_semaphore(device, 0, done.out()));
  iree_hal_timepoint_t point{done.get(), 1};
  check(device->vtable->queue_copy(device, {nullptr, 0}, {&point, 1}, source, target));
  check(done->vtable->wait(done.get(), 1, IREE_HAL_INFINITE));
}

// Copies between the host and a range of a buffer whose users are done with it. What the host
// cannot map, such as constants in memory of the device's own, goes by way of a buffer that it can.
void transfer(iree_hal_buffer_t* buffer, iree_hal_access_t access, uint64_t offset, uint64_t length,
              void* data) {
  if (!length) return;
  const bool writes = (access & IREE_HAL_ACCESS_WRITE) != 0;
  const bool direct =
      (buffer->usage & IREE_HAL_USAGE_MAPPING) && (buffer->type & IREE_HAL_MEMORY_HOST_VISIBLE);
  hal::Ref<iree_hal_buffer_t> staging;
  if (!direct) staging = allocate_staging(buffer->device, length);
  iree_hal_buffer_t* seen = direct ? buffer : staging.get();
  const uint64_t start = direct ? offset : 0;
  const iree_hal_binding_t there{buffer, 0, 0, offset, length};
  const iree_hal_binding_t here{seen, 0, 0, start, length};
  if (!direct && !writes) copy_and_wait(buffer->device, there, here);
  void* mapped = nullptr;
  check(seen->vtable->map_range(seen, access, start, length, &mapped));
  memcpy(writes ? mapped : data, writes ? data : mapped, length);
  seen->vtable->unmap_range(seen, access, start, length);
  if (!direct && writes) copy_and_wait(buffer->device, here, there);
}

// Copies `length` bytes into a new buffer of the device.
iree_hal_buffer_t* upload(iree_hal_device_t* device, uint8_t* data, uint64_t length) {
  hal::Ref<iree_hal_buffer_t> target;
  // Not CONSTANT: drivers refuse copies into those.
  check(device->vtable->allocate(
      device, {IREE_HAL_MEMORY_DEVICE_LOCAL, IREE_HAL_USAGE_TRANSFER | IREE_HAL_USAGE_STORAGE},
      length, target.out()));
  transfer(target.get(), IREE_HAL_ACCESS_WRITE, 0, length, data);
  return target.release();
}

// Of the operands (device, format, binary).
iree_hal_status_t prepare_executable(NativeCall& call, iree_hal_executable_t** out) {
  auto* device = device_operand(call);
  iree_hal_string_t format = text(*bytes_operand(call));
  const ByteBuffer& binary = *bytes_operand(call);
  iree_hal_release_callback_t release = hold(binary);
  iree_hal_status_t status = device->vtable->prepare_executable(
      device, format, {binary.data, binary.length}, release, out);
  if (status) release.fn(release.user_data);
  return status;
}

uint32_t scalar_size(const NativeCall& call, uint32_t bytes) {
  if (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8) return bytes;
  throw hal::Error(hal::make_status(IREE_HAL_INVALID_ARGUMENT,
                                    "%s: %u bytes, expected 1, 2, 4 or 8", call.name, bytes));
}

// "tensor<?x4xf32>"
std::string tensor_type(uint32_t element_type, uint32_t rank, const int64_t* shape) {
  std::string text = "tensor<";
  for (uint32_t i = 0; i < rank; ++i) text += (shape[i] < 0 ? "?" : std::to_string(shape[i])) + "x";
  const char* name = hal::element_type_name(element_type);
  return text + (name ? name : "unknown type") + ">";
}

}  // namespace

//===----------------------------------------------------------------------===//
// Devices
//===----------------------------------------------------------------------===//

bool hal_device(NativeCall& call) {
  uint32_t index = call.u32();
  const auto& devices = call.invocation.context.devices;
  if (index >= devices.size()) {
    throw hal::Error(hal::make_status(IREE_HAL_NOT_FOUND,
                                      "there is no device %u: the module was loaded with %zu",
                                      index, devices.size()));
  }
  iree_hal_retain(devices[index].get());
  call.set_object(RefType::kDevice, devices[index].get());
  return true;
}

bool hal_device_count(NativeCall& call) {
  call.set_i32(static_cast<int32_t>(call.invocation.context.devices.size()));
  return true;
}

bool hal_device_query(NativeCall& call) {
  auto* device = device_operand(call);
  iree_hal_string_t key = text(*bytes_operand(call));
  int64_t value = 0;
  iree_hal_status_t status = device->vtable->query_i64(device, key, &value);
  bool known = !status;
  if (status && status->code != IREE_HAL_NOT_FOUND) check(status);
  hal::free_status(status);
  call.set_i32(known);
  call.set_i64(known ? value : 0);
  return true;
}

bool hal_executable_supported(NativeCall& call) {
  auto* device = device_operand(call);
  iree_hal_string_t format = text(*bytes_operand(call));
  std::string key = "executable.format." + std::string(format.data, format.size);
  int64_t value = 0;
  iree_hal_status_t status = device->vtable->query_i64(device, {key.data(), key.size()}, &value);
  if (status && status->code != IREE_HAL_NOT_FOUND) check(status);
  bool supported = !status && value != 0;
  hal::free_status(status);
  call.set_i32(supported);
  return true;
}

bool hal_executable_create(NativeCall& call) {
  iree_hal_executable_t* executable = nullptr;
  check(prepare_executable(call, &executable));
  call.set_object(RefType::kExecutable, executable);
  return true;
}

bool hal_executable_try_create(NativeCall& call) {
  iree_hal_executable_t* executable = nullptr;
  hal::Status status(prepare_executable(call, &executable));
  if (status && status->code != IREE_HAL_INCOMPATIBLE) check(status.release());
  call.set_object(RefType::kExecutable, executable);
  return true;
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

bool hal_buffer_allocate(NativeCall& call) {
  auto* device = device_operand(call);
  iree_hal_buffer_params_t params{call.u32(), call.u32()};
  iree_hal_buffer_t* buffer = nullptr;
  check(device->vtable->allocate(device, params, call.u64(), &buffer));
  call.set_object(RefType::kHalBuffer, buffer);
  return true;
}

bool hal_buffer_constant(NativeCall& call) {
  auto* device = device_operand(call);
  const ByteBuffer& bytes = *bytes_operand(call);
  uint64_t offset = call.u64(), length = call.u64();
  check(hal::check_range(bytes.length, offset, &length, call.name));
  auto* data = const_cast<uint8_t*>(bytes.data + offset);  // CONSTANT: never written
  iree_hal_release_callback_t release = hold(bytes);
  iree_hal_buffer_t* buffer = nullptr;
  iree_hal_status_t status = device->vtable->import_host(
      device, {0, kConstantUsage | IREE_HAL_USAGE_MAPPING}, data, length, release, &buffer);
  if (status) {
    release.fn(release.user_data);
    if (status->code != IREE_HAL_UNIMPLEMENTED) check(status);
    hal::free_status(status);
    buffer = upload(device, data, length);
  }
  call.set_object(RefType::kHalBuffer, buffer);
  return true;
}

bool hal_buffer_length(NativeCall& call) {
  call.set_i64(static_cast<int64_t>(buffer_operand(call)->length));
  return true;
}

bool hal_buffer_load(NativeCall& call) {
  auto* buffer = buffer_operand(call);
  uint64_t offset = call.u64();
  uint32_t bytes = scalar_size(call, call.u32());
  check_range(call, buffer->length, offset, bytes);
  uint64_t bits = 0;
  transfer(buffer, IREE_HAL_ACCESS_READ, offset, bytes, &bits);
  call.set_i64(static_cast<int64_t>(bits));
  return true;
}

bool hal_buffer_store(NativeCall& call) {
  auto* buffer = buffer_operand(call);
  uint64_t offset = call.u64();
  uint32_t bytes = scalar_size(call, call.u32());
  uint64_t bits = call.u64();
  check_range(call, buffer->length, offset, bytes);
  refuse_constant(call, buffer);
  transfer(buffer, IREE_HAL_ACCESS_WRITE, offset, bytes, &bits);
  return true;
}

//===----------------------------------------------------------------------===//
// Buffer views
//===----------------------------------------------------------------------===//

bool hal_view_create(NativeCall& call) {
  uint32_t rank = call.count();
  auto* buffer = buffer_operand(call);
  uint64_t offset = call.u64();
  uint32_t element_type = call.u32();
  Shape shape(call, rank);
  iree_hal_buffer_view_t* view = nullptr;
  check(hal::make_buffer_view(buffer, offset, element_type, rank, shape.data(), &view));
  call.set_object(RefType::kView, view);
  return true;
}

bool hal_view_assert(NativeCall& call) {
  uint32_t rank = call.count();
  auto* view = call.object<iree_hal_buffer_view_t>(RefType::kView);
  const ByteBuffer& name = *bytes_operand(call);
  uint32_t element_type = call.u32();
  Shape shape(call, rank);
  bool fits = view->element_type == element_type && view->rank == rank;
  for (uint32_t i = 0; fits && i < rank; ++i)
    fits = shape.data()[i] < 0 || shape.data()[i] == view->shape[i];
  if (fits) [[likely]]
    return true;
  throw hal::Error(
      hal::make_status(IREE_HAL_INVALID_ARGUMENT, "%.*s: expected %s, given %s",
                       static_cast<int>(std::min<uint64_t>(name.length, 1000)),
                       reinterpret_cast<const char*>(name.data),
                       tensor_type(element_type, rank, shape.data()).c_str(),
                       tensor_type(view->element_type, view->rank, view->shape).c_str()));
}

bool hal_view_buffer(NativeCall& call) {
  auto* view = call.object<iree_hal_buffer_view_t>(RefType::kView);
  // The result may take the view's register: read before writing.
  iree_hal_buffer_t* buffer = view->buffer;
  uint64_t offset = view->offset, length = view->length;
  iree_hal_retain(buffer);
  call.set_object(RefType::kHalBuffer, buffer);
  call.set_i64(static_cast<int64_t>(offset));
  call.set_i64(static_cast<int64_t>(length));
  return true;
}

bool hal_view_dim(NativeCall& call) {
  auto* view = call.object<iree_hal_buffer_view_t>(RefType::kView);
  uint32_t dimension = call.u32();
  if (dimension >= view->rank) {
    throw hal::Error(hal::make_status(IREE_HAL_OUT_OF_RANGE,
                                      "%s: dimension %u of a view of rank %u", call.name, dimension,
                                      view->rank));
  }
  call.set_i64(view->shape[dimension]);
  return true;
}

bool hal_view_rank(NativeCall& call) {
  call.set_i32(static_cast<int32_t>(call.object<iree_hal_buffer_view_t>(RefType::kView)->rank));
  return true;
}

//===----------------------------------------------------------------------===//
// Fences
//===----------------------------------------------------------------------===//

bool hal_fence_create(NativeCall& call) {
  auto* device = device_operand(call);
  hal::Ref<iree_hal_semaphore_t> semaphore;
  check(device->vtable->create_semaphore(device, 0, semaphore.out()));
  iree_hal_timepoint_t point{semaphore.get(), 1};
  iree_hal_fence_t* fence = nullptr;
  check(hal::make_fence({&point, 1}, &fence));
  call.set_object(RefType::kFence, fence);
  return true;
}

bool hal_fence_join(NativeCall& call) {
  uint32_t count = call.count();
  std::vector<iree_hal_timepoint_t> points;
  for (uint32_t i = 0; i < count; ++i) {
    iree_hal_timepoints_t more = fence_operand(call);
    points.insert(points.end(), more.data, more.data + more.size);
  }
  if (points.size() > kMaxFence) {
    throw hal::Error(hal::make_status(IREE_HAL_RESOURCE_EXHAUSTED,
                                      "%s: %zu timepoints in one fence (limit %zu)", call.name,
                                      points.size(), kMaxFence));
  }
  iree_hal_fence_t* fence = nullptr;
  check(hal::make_fence({points.data(), points.size()}, &fence));
  call.set_object(RefType::kFence, fence);
  return true;
}

bool hal_fence_await(NativeCall& call) {
  auto* fence = call.object_or_null<iree_hal_fence_t>(RefType::kFence);
  iree_hal_timepoints_t points = hal::timepoints(fence);
  for (size_t i = 0; i < points.size; ++i) {
    iree_hal_semaphore_t* semaphore = points.data[i].semaphore;
    uint64_t value = 0;
    check(semaphore->vtable->query(semaphore, &value));
    if (value < points.data[i].value) {
      call.invocation.awaited = hal::Ref<iree_hal_fence_t>::retain(fence);
      return false;
    }
  }
  return true;
}

bool hal_fence_signal(NativeCall& call) {
  check(hal::signal(fence_operand(call)));
  return true;
}

//===----------------------------------------------------------------------===//
// Queue
//===----------------------------------------------------------------------===//

bool hal_queue_alloca(NativeCall& call) {
  auto* device = device_operand(call);
  iree_hal_timepoints_t wait = fence_operand(call), signal = fence_operand(call);
  iree_hal_buffer_params_t params{call.u32(), call.u32()};
  iree_hal_buffer_t* buffer = nullptr;
  check(device->vtable->queue_alloca(device, wait, signal, params, call.u64(), &buffer));
  call.set_object(RefType::kHalBuffer, buffer);
  return true;
}

bool hal_queue_dealloca(NativeCall& call) {
  auto* device = device_operand(call);
  iree_hal_timepoints_t wait = fence_operand(call), signal = fence_operand(call);
  check(device->vtable->queue_dealloca(device, wait, signal, buffer_operand(call)));
  return true;
}

bool hal_queue_fill(NativeCall& call) {
  auto* device = device_operand(call);
  iree_hal_timepoints_t wait = fence_operand(call), signal = fence_operand(call);
  iree_hal_binding_t target = direct_range(call);
  target.length = call.u64();
  resolve_range(call, target);
  refuse_constant(call, target.buffer);
  uint64_t pattern = call.u64();
  uint32_t bytes = scalar_size(call, call.u32());
  check(device->vtable->queue_fill(device, wait, signal, target, &pattern, bytes));
  return true;
}

bool hal_queue_copy(NativeCall& call) {
  auto* device = device_operand(call);
  iree_hal_timepoints_t wait = fence_operand(call), signal = fence_operand(call);
  iree_hal_binding_t source = direct_range(call), target = direct_range(call);
  source.length = target.length = call.u64();
  resolve_range(call, source);
  resolve_range(call, target);
  refuse_constant(call, target.buffer);
  check(device->vtable->queue_copy(device, wait, signal, source, target));
  return true;
}

bool hal_queue_execute(NativeCall& call) {
  uint32_t count = call.count();
  auto* device = device_operand(call);
  iree_hal_timepoints_t wait = fence_operand(call), signal = fence_operand(call);
  auto* commands = call.object_or_null<iree_hal_command_buffer_t>(RefType::kCommandBuffer);
  Bindings table(count);
  for (uint32_t i = 0; i < count; ++i) {
    iree_hal_binding_t binding = direct_range(call);
    binding.slot = i;
    binding.length = call.u64();
    resolve_range(call, binding);
    table.data()[i] = binding;
  }
  check(device->vtable->queue_execute(device, wait, signal, commands, {table.data(), count}));
  return true;
}

}  // namespace iree::vm::natives
