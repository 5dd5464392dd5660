// DLPack 1.0 and its unversioned predecessor: https://dmlc.github.io/dlpack/latest/c_api.html
#include "dlpack.h"

#include <algorithm>

#include "common.h"

namespace iree::hal::py {
namespace {

struct Code {
  uint32_t element_type;
  uint8_t code, bits;
};
constexpr Code kCodes[] = {
    {IREE_HAL_BOOL, kDLBool, 8},
    {IREE_HAL_I8, kDLInt, 8},
    {IREE_HAL_I16, kDLInt, 16},
    {IREE_HAL_I32, kDLInt, 32},
    {IREE_HAL_I64, kDLInt, 64},
    {IREE_HAL_U8, kDLUInt, 8},
    {IREE_HAL_U16, kDLUInt, 16},
    {IREE_HAL_U32, kDLUInt, 32},
    {IREE_HAL_U64, kDLUInt, 64},
    {IREE_HAL_F16, kDLFloat, 16},
    {IREE_HAL_F32, kDLFloat, 32},
    {IREE_HAL_F64, kDLFloat, 64},
    {IREE_HAL_BF16, kDLBfloat, 16},
    {IREE_HAL_C64, kDLComplex, 64},
    {IREE_HAL_C128, kDLComplex, 128},
    {IREE_HAL_F8E4M3FN, kDLFloat8_e4m3fn, 8},
    {IREE_HAL_F8E5M2, kDLFloat8_e5m2, 8},
    {IREE_HAL_F8E4M3FNUZ, kDLFloat8_e4m3fnuz, 8},
    {IREE_HAL_F8E5M2FNUZ, kDLFloat8_e5m2fnuz, 8},
    {IREE_HAL_F8E4M3B11FNUZ, kDLFloat8_e4m3b11fnuz, 8},
};

// An exported tensor and all it points at.
template <typename Managed>
struct Export {
  Managed managed = {};
  Ref<iree_hal_buffer_view_t> view;
  Mapping mapping;
  int64_t strides[IREE_HAL_MAX_RANK];
};

template <typename Managed>
nb::object make_capsule(std::unique_ptr<Export<Managed>> exported, const char* name) {
  exported->managed.manager_ctx = exported.get();
  exported->managed.deleter = [](Managed* managed) {
    delete static_cast<Export<Managed>*>(managed->manager_ctx);
  };
  nb::object capsule = nb::steal(PyCapsule_New(&exported->managed, name, [](PyObject* object) {
    // The consumer renames what it takes over; a capsule that keeps its name was never used.
    const char* name = PyCapsule_GetName(object);
    if (name && strncmp(name, "used_", 5) == 0) return;
    auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(object, name));
    if (managed) managed->deleter(managed);
  }));
  if (!capsule.is_valid()) nb::raise_python_error();
  (void)exported.release();
  return capsule;
}

template <typename Managed>
std::unique_ptr<Export<Managed>> export_view(const Array& array, const Code& code, bool copied) {
  auto exported = std::make_unique<Export<Managed>>();
  Ref<iree_hal_buffer_view_t> view = array.view;
  {
    GilRelease release;
    uint64_t offset = view->offset;
    Buffer host;
    if (copied) {
      check(view->buffer->device->vtable->allocate(
          view->buffer->device,
          {IREE_HAL_MEMORY_HOST_VISIBLE, IREE_HAL_USAGE_TRANSFER | IREE_HAL_USAGE_MAPPING},
          view->length, host.out()));
      Mapping target;
      check(Mapping::make(host.get(), IREE_HAL_ACCESS_WRITE, 0, view->length, &target));
      check(read_buffer(view->buffer, view->offset, view->length, target.data));
      offset = 0;
    } else {
      check(host_visible(view->buffer, &offset, view->length, &host));
    }
    check(
        Mapping::make(host.get(), IREE_HAL_ACCESS_READ, offset, view->length, &exported->mapping));
  }
  int64_t stride = 1;
  for (uint32_t i = view->rank; i-- > 0;) {
    exported->strides[i] = stride;
    stride *= view->shape[i] > 0 ? view->shape[i] : 1;
  }
  DLTensor& tensor = exported->managed.dl_tensor;
  tensor.data = exported->mapping.data;
  tensor.device = {kDLCPU, 0};
  tensor.ndim = static_cast<int32_t>(view->rank);
  tensor.dtype = {code.code, code.bits, 1};
  tensor.shape = const_cast<int64_t*>(view->shape);
  tensor.strides = exported->strides;
  tensor.byte_offset = 0;
  exported->view = std::move(view);
  return exported;
}

// Owns a tensor that came in; the device's buffer holds on to it through a Python object.
void free_imported(PyObject* capsule) {
  if (auto* managed = static_cast<DLManagedTensorVersioned*>(
          PyCapsule_GetPointer(capsule, "iree.hal.dlpack_versioned"))) {
    if (managed->deleter) managed->deleter(managed);
  }
}
void free_imported_unversioned(PyObject* capsule) {
  if (auto* managed =
          static_cast<DLManagedTensor*>(PyCapsule_GetPointer(capsule, "iree.hal.dlpack"))) {
    if (managed->deleter) managed->deleter(managed);
  }
}

[[noreturn]] void refuse(const char* why) {
  PyErr_Format(PyExc_BufferError, "DLPack tensor: %s", why);
  nb::raise_python_error();
}

bool is_dense(const DLTensor& tensor) {
  if (!tensor.strides ||
      std::find(tensor.shape, tensor.shape + tensor.ndim, 0) != tensor.shape + tensor.ndim) {
    return true;
  }
  int64_t stride = 1;
  for (int32_t i = tensor.ndim; i-- > 0;) {
    if (tensor.shape[i] != 1 && tensor.strides[i] != stride) return false;
    stride *= tensor.shape[i];
  }
  return true;
}

}  // namespace

nb::object to_dlpack(const Array& array, bool versioned, bool copied) {
  const Code* code = nullptr;
  for (const Code& row : kCodes) {
    if (row.element_type == array.view->element_type) code = &row;
  }
  if (!code) {
    PyErr_Format(PyExc_BufferError, "DLPack has no type for %s",
                 element_type_name(array.view->element_type));
    nb::raise_python_error();
  }
  if (array.ready) wait_without_gil(timepoints(array.ready.get()), IREE_HAL_INFINITE);
  if (!versioned) {
    // The old form cannot say "read only", and arrays are.
    return make_capsule(export_view<DLManagedTensor>(array, *code, true), "dltensor");
  }
  auto exported = export_view<DLManagedTensorVersioned>(array, *code, copied);
  exported->managed.version = {1, 0};
  exported->managed.flags = copied ? DLPACK_FLAG_BITMASK_IS_COPIED : DLPACK_FLAG_BITMASK_READ_ONLY;
  return make_capsule(std::move(exported), "dltensor_versioned");
}

Ref<iree_hal_buffer_view_t> view_from_dlpack(nb::object capsule, iree_hal_device_t* device,
                                             std::optional<bool> copy) {
  // Takes the tensor over: from here on `owner` frees it.
  const DLTensor* tensor;
  nb::object owner;
  bool read_only = false;
  if (PyCapsule_IsValid(capsule.ptr(), "dltensor_versioned")) {
    auto* managed = static_cast<DLManagedTensorVersioned*>(
        PyCapsule_GetPointer(capsule.ptr(), "dltensor_versioned"));
    if (managed->version.major != 1) refuse("a version that is not 1");
    owner = nb::steal(PyCapsule_New(managed, "iree.hal.dlpack_versioned", free_imported));
    if (!owner.is_valid()) nb::raise_python_error();
    PyCapsule_SetName(capsule.ptr(), "used_dltensor_versioned");
    tensor = &managed->dl_tensor;
    read_only = managed->flags & DLPACK_FLAG_BITMASK_READ_ONLY;
  } else if (PyCapsule_IsValid(capsule.ptr(), "dltensor")) {
    auto* managed = static_cast<DLManagedTensor*>(PyCapsule_GetPointer(capsule.ptr(), "dltensor"));
    owner = nb::steal(PyCapsule_New(managed, "iree.hal.dlpack", free_imported_unversioned));
    if (!owner.is_valid()) nb::raise_python_error();
    PyCapsule_SetName(capsule.ptr(), "used_dltensor");
    tensor = &managed->dl_tensor;
  } else {
    refuse("not a capsule of one, or used already");
  }
  if (tensor->device.device_type != kDLCPU && tensor->device.device_type != kDLCUDAHost) {
    refuse("not in host memory; copy it there first");
  }
  uint32_t type = IREE_HAL_NONE;
  for (const Code& row : kCodes) {
    if (tensor->dtype.lanes == 1 && row.code == tensor->dtype.code &&
        row.bits == tensor->dtype.bits) {
      type = row.element_type;
    }
  }
  if (!type) refuse("of a type that devices do not have");
  if (tensor->ndim < 0) refuse("with a negative number of dimensions");

  auto rank = static_cast<uint32_t>(tensor->ndim);
  uint64_t length = 0;
  check(dense_size(type, rank, tensor->shape, &length));
  char* data = static_cast<char*>(tensor->data) + tensor->byte_offset;
  if (!is_dense(*tensor)) {
    if (!copy.value_or(true)) refuse("not dense and row-major, and copy=False");
    return view_of_strided(data, type, rank, tensor->shape, tensor->strides, device);
  }
  Buffer buffer;
  if (copy ? !*copy && length : is_shareable(data, length)) {
    uint32_t usage = kArrayUsage | (read_only ? IREE_HAL_USAGE_CONSTANT : 0);
    iree_hal_release_callback_t release = keep_alive(owner.ptr());
    if (iree_hal_status_t status = device->vtable->import_host(
            device, {IREE_HAL_MEMORY_HOST_VISIBLE, usage}, data, length, release, buffer.out())) {
      undo_keep_alive(release);
      if (status->code != IREE_HAL_UNIMPLEMENTED) throw Error(status);
      free_status(status);
    }
  }
  if (!buffer) {
    if (length && !copy.value_or(true)) {
      refuse("the device cannot share this memory (not aligned to 16 bytes?), and copy=False");
    }
    GilRelease release;
    check(allocate_for_array(device, length, &buffer));
    check(write_buffer(buffer.get(), 0, data, length));
  }
  Ref<iree_hal_buffer_view_t> view;
  check(make_buffer_view(buffer.get(), 0, type, rank, tensor->shape, view.out()));
  return view;
}

}  // namespace iree::hal::py
