// Between what has Python's buffer protocol and buffer views, both ways, without NumPy.
#include <bit>
#include <cstring>

#include "common.h"

namespace iree::hal::py {
namespace {

// Above this, a copy lets other threads run.
constexpr uint64_t kLongCopy = 1 << 18;

// Format characters of the struct module; NULL where it has none.
const char* buffer_format(uint32_t element_type) {
  switch (element_type) {
    case IREE_HAL_BOOL:
      return "?";
    case IREE_HAL_I8:
      return "b";
    case IREE_HAL_I16:
      return "h";
    case IREE_HAL_I32:
      return "i";
    case IREE_HAL_I64:
      return "q";
    case IREE_HAL_U8:
      return "B";
    case IREE_HAL_U16:
      return "H";
    case IREE_HAL_U32:
      return "I";
    case IREE_HAL_U64:
      return "Q";
    case IREE_HAL_F16:
      return "e";
    case IREE_HAL_F32:
      return "f";
    case IREE_HAL_F64:
      return "d";
    case IREE_HAL_C64:
      return "Zf";
    case IREE_HAL_C128:
      return "Zd";
    default:
      return nullptr;
  }
}

// What one exported Py_buffer holds.
struct BufferExport {
  Mapping mapping;
  Py_ssize_t strides[IREE_HAL_MAX_RANK];
};

// The element type of a struct format of one character; IREE_HAL_NONE for all else.
uint32_t element_type_of_format(const char* format, Py_ssize_t bytes) {
  if (!format) return IREE_HAL_U8;
  static_assert(std::endian::native == std::endian::little);
  if (*format && std::strchr("@=<", *format)) ++format;  // sizes are told by `bytes`
  char kind = 0;
  if (!std::strcmp(format, "Zf") || !std::strcmp(format, "Zd")) {
    kind = 'c';
  } else if (*format && !format[1]) {
    kind = *format == '?'                   ? 'b'
           : std::strchr("bhilqn", *format) ? 'i'
           : std::strchr("BHILQN", *format) ? 'u'
           : std::strchr("efd", *format)    ? 'f'
                                            : 0;
  }
  return element_type_of_kind(kind, bytes);
}

Ref<iree_hal_buffer_view_t> view_of(iree_hal_buffer_t* buffer, const HostArray& array) {
  Ref<iree_hal_buffer_view_t> view;
  check(make_buffer_view(buffer, 0, array.element_type, array.rank, array.shape, view.out()));
  return view;
}

Ref<iree_hal_buffer_view_t> copied(const HostArray& array, iree_hal_device_t* device) {
  Buffer buffer;
  if (array.length <= kLongCopy) {
    check(allocate_for_array(device, array.length, &buffer));
    check(write_buffer(buffer.get(), 0, array.data, array.length));
  } else {
    GilRelease release;
    check(allocate_for_array(device, array.length, &buffer));
    check(write_buffer(buffer.get(), 0, array.data, array.length));
  }
  return view_of(buffer.get(), array);
}

// NULL if the device cannot.
Ref<iree_hal_buffer_view_t> shared(const HostArray& array, nb::handle owner,
                                   iree_hal_device_t* device) {
  // What may not be written by its owner may not be written by the device either.
  uint32_t usage = kArrayUsage | (array.writable ? 0 : IREE_HAL_USAGE_CONSTANT);
  iree_hal_release_callback_t release = keep_alive(owner.ptr());
  Buffer buffer;
  if (iree_hal_status_t status =
          device->vtable->import_host(device, {IREE_HAL_MEMORY_HOST_VISIBLE, usage}, array.data,
                                      array.length, release, buffer.out())) {
    undo_keep_alive(release);
    if (status->code != IREE_HAL_UNIMPLEMENTED) throw Error(status);
    free_status(status);
    return nullptr;
  }
  return view_of(buffer.get(), array);
}

}  // namespace

Ref<iree_hal_buffer_view_t> view_of_host(const HostArray& array, nb::handle owner,
                                         iree_hal_device_t* device, bool may_share) {
  if (may_share && is_shareable(array.data, array.length)) {
    if (auto view = shared(array, owner, device)) return view;
  }
  return copied(array, device);
}

Ref<iree_hal_buffer_view_t> view_from_buffer(nb::handle object, iree_hal_device_t* device,
                                             uint32_t element_type, bool may_share) {
  if (!PyObject_CheckBuffer(object.ptr())) return nullptr;
  struct Held : Py_buffer {
    bool got;
    explicit Held(PyObject* object)
        : got(PyObject_GetBuffer(object, this, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS) == 0) {}
    ~Held() {
      if (got) PyBuffer_Release(this);
    }
    Held(const Held&) = delete;
  } held(object.ptr());
  if (!held.got) {
    // Strided, or of a type without a format; what is no Exception is an interrupt.
    if (!PyErr_ExceptionMatches(PyExc_Exception)) nb::raise_python_error();
    PyErr_Clear();
    return nullptr;
  }
  uint32_t type = element_type_of_format(held.format, held.itemsize);
  if (!type || (element_type && type != element_type) || held.ndim > IREE_HAL_MAX_RANK ||
      reinterpret_cast<uintptr_t>(held.buf) % static_cast<uintptr_t>(held.itemsize))
    return nullptr;
  static_assert(sizeof(Py_ssize_t) == sizeof(int64_t), "shapes are passed on as they are");
  HostArray array{held.buf,
                  static_cast<uint64_t>(held.len),
                  type,
                  static_cast<uint32_t>(held.ndim),
                  reinterpret_cast<const int64_t*>(held.shape),
                  !held.readonly};
  // A memory view keeps the memory where it is, whatever its owner does.
  nb::object owner = nb::steal(PyMemoryView_FromObject(object.ptr()));
  if (!owner.is_valid()) nb::raise_python_error();
  return view_of_host(array, owner, device, may_share);
}

int export_buffer(PyObject* self, Py_buffer* out, int flags) {
  const Array& array = *nb::inst_ptr<Array>(self);
  const iree_hal_buffer_view_t* view = array.view.get();
  out->obj = nullptr;
  const char* format = buffer_format(view->element_type);
  if (!format) {
    PyErr_Format(PyExc_BufferError, "the buffer protocol has no format for %s; use numpy()",
                 element_type_name(view->element_type));
    return -1;
  }
  if (flags & PyBUF_WRITABLE) {
    PyErr_SetString(PyExc_BufferError, "arrays of a device are read-only; copy to change");
    return -1;
  }
  try {
    if (array.ready) wait_without_gil(timepoints(array.ready.get()), IREE_HAL_INFINITE);
    auto exported = std::make_unique<BufferExport>();
    {
      GilRelease release;
      uint64_t offset = view->offset;
      Buffer host;
      check(host_visible(view->buffer, &offset, view->length, &host));
      check(Mapping::make(host.get(), IREE_HAL_ACCESS_READ, offset, view->length,
                          &exported->mapping));
    }
    auto size = static_cast<Py_ssize_t>(iree_hal_element_size(view->element_type));
    Py_ssize_t stride = size;
    for (uint32_t i = view->rank; i-- > 0;) {
      exported->strides[i] = stride;
      stride *= view->shape[i];
    }
    out->buf = exported->mapping.data;
    out->len = static_cast<Py_ssize_t>(view->length);
    out->itemsize = size;
    out->readonly = 1;
    out->ndim = static_cast<int>(view->rank);
    out->format = (flags & PyBUF_FORMAT) ? const_cast<char*>(format) : nullptr;
    static_assert(sizeof(Py_ssize_t) == sizeof(int64_t));
    out->shape = (flags & PyBUF_ND)
                     ? reinterpret_cast<Py_ssize_t*>(const_cast<int64_t*>(view->shape))
                     : nullptr;
    out->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? exported->strides : nullptr;
    out->suboffsets = nullptr;
    out->internal = exported.release();
  } catch (nb::python_error& error) {
    error.restore();
    return -1;
  } catch (const Error& error) {
    set_error(make_status(error.code(), "%s", error.what()));
    return -1;
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
    return -1;
  }
  Py_INCREF(self);
  out->obj = self;
  return 0;
}

void release_exported_buffer(PyObject*, Py_buffer* view) {
  delete static_cast<BufferExport*>(view->internal);
}

}  // namespace iree::hal::py
