// What the binding files share. A Python object of iree.hal holds one Ref; the reference counts of
// hal.h keep what is underneath alive, so Python objects may go in any order.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/string_view.h>

#include <optional>
#include <vector>

#include "iree/hal.hpp"
#include "iree/hal_gil.hpp"
#include "iree/hal_python.h"

// Of "wait" and "signal" arguments, in signatures.
#define IREE_TIMEPOINTS "Fence | collections.abc.Iterable[tuple[Semaphore, int]] | None"

namespace iree::hal::py {

namespace nb = nanobind;

using Device = Ref<iree_hal_device_t>;
using Buffer = Ref<iree_hal_buffer_t>;
using Semaphore = Ref<iree_hal_semaphore_t>;
using Fence = Ref<iree_hal_fence_t>;
using CommandBuffer = Ref<iree_hal_command_buffer_t>;
using Executable = Ref<iree_hal_executable_t>;

// A DeviceArray: contents are valid once `ready` (may be empty) is reached.
struct Array {
  Ref<iree_hal_buffer_view_t> view;
  Fence ready;
};

// How arrays made here may be used: everything.
inline constexpr iree_hal_buffer_usage_t kArrayUsage =
    IREE_HAL_USAGE_TRANSFER | IREE_HAL_USAGE_STORAGE | IREE_HAL_USAGE_MAPPING;

// Whether devices are asked to share host memory: it is large, and aligned as NumPy and malloc do
// at least. A device that needs more says so.
inline bool is_shareable(const void* data, uint64_t length) {
  return length >= IREE_HAL_PYTHON_SHARED_FROM && reinterpret_cast<uintptr_t>(data) % 16 == 0;
}

// The T inside a Python object of exactly that type or one derived from it, else NULL.
template <typename T>
T* unwrap(PyObject* object) {
  static PyTypeObject* type = reinterpret_cast<PyTypeObject*>(nb::type<T>().ptr());
  if (Py_TYPE(object) != type && !PyType_IsSubtype(Py_TYPE(object), type)) return nullptr;
  return nb::inst_ptr<T>(object);
}

// `module.function(args...)`.
template <typename... Args>
nb::object call_python(const char* module, const char* function, Args&&... args) {
  PythonCall guard;
  return nb::module_::import_(module).attr(function)(std::forward<Args>(args)...);
}
// `object.name(args...)`.
template <typename... Args>
nb::object call_method(nb::handle object, const char* name, Args&&... args) {
  PythonCall guard;
  return object.attr(name)(std::forward<Args>(args)...);
}

//===-- errors.cpp
//-----------------------------------------------------------------------------===//

// Sets the Python exception that fits; takes the status. Never throws.
void set_error(iree_hal_status_t status) noexcept;
[[noreturn]] void raise(iree_hal_status_t status);

//===-- keep_alive.cpp
//-------------------------------------------------------------------------===//

// A release callback that drops one reference to `object` (which this adds). It may run on any
// thread, with or without the GIL, and never waits for it. Throws std::bad_alloc.
iree_hal_release_callback_t keep_alive(PyObject* object);
// For a callback that was not handed on after all. Needs the GIL.
void undo_keep_alive(iree_hal_release_callback_t callback);
// Drops references whose callbacks ran without the GIL. Cheap when there are none.
void drop_released();

//===-- buffer.cpp
//-----------------------------------------------------------------------------===//

// A mapped range; unmaps when the last owner goes.
struct Mapping {
  Buffer buffer;
  iree_hal_access_t access = 0;
  uint64_t offset = 0, length = 0;
  void* data = nullptr;

  static iree_hal_status_t make(iree_hal_buffer_t* buffer, iree_hal_access_t access,
                                uint64_t offset, uint64_t length, Mapping* out);
  Mapping() = default;
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping() { unmap(); }
  void unmap();
};

// Host copies, through a staging buffer where the memory cannot be mapped. They may block: call
// without the GIL.
iree_hal_status_t read_buffer(iree_hal_buffer_t* buffer, uint64_t offset, uint64_t length,
                              void* out);
iree_hal_status_t write_buffer(iree_hal_buffer_t* buffer, uint64_t offset, const void* data,
                               uint64_t length);
// A mappable buffer with the contents of the range, which is the range itself where that can be
// mapped.
iree_hal_status_t host_visible(iree_hal_buffer_t* buffer, uint64_t* offset, uint64_t length,
                               Buffer* out);
// A new buffer of `length` bytes for arrays, device local and mappable if there is such memory.
iree_hal_status_t allocate_for_array(iree_hal_device_t* device, uint64_t length, Buffer* out);

//===-- sync.cpp
//-------------------------------------------------------------------------------===//

// Blocks without the GIL, but lets Ctrl-C through. `deadline_ns` as in hal.h.
void wait_without_gil(iree_hal_timepoints_t points, uint64_t deadline_ns);
// Seconds from now, None for ever. ValueError if negative or NaN.
uint64_t deadline_from_timeout(nb::handle seconds);

// Python's "wait" and "signal" arguments: None, a Fence, or a sequence of (Semaphore, value).
class Timepoints {
 public:
  explicit Timepoints(nb::handle object);
  iree_hal_timepoints_t get() const { return {data_, size_}; }
  Timepoints(const Timepoints&) = delete;
  ~Timepoints();

 private:
  nb::object owner_;  // keeps the semaphores alive
  iree_hal_timepoint_t inline_[4];
  iree_hal_timepoint_t* data_ = inline_;
  size_t size_ = 0;
};

//===-- commands.cpp
//---------------------------------------------------------------------------===//

// A range of a buffer or of a slot.
struct Binding {
  Buffer buffer;  // empty for a slot
  uint32_t slot = 0;
  uint64_t offset = 0, length = IREE_HAL_WHOLE_BUFFER;
  iree_hal_binding_t get() const { return {buffer.get(), slot, 0, offset, length}; }
};
// From a Buffer (all of it) or a Binding, which keeps what is returned alive. TypeError otherwise.
iree_hal_binding_t binding_from(nb::handle object);
// Likewise for a sequence; `owner` keeps it alive.
std::vector<iree_hal_binding_t> bindings_from(nb::handle sequence, nb::object* owner);

// A bytes-like argument, held for the scope.
struct BytesView {
  Py_buffer view;
  explicit BytesView(nb::handle object) {
    if (PyObject_GetBuffer(object.ptr(), &view, PyBUF_SIMPLE)) nb::raise_python_error();
  }
  ~BytesView() { PyBuffer_Release(&view); }
  BytesView(const BytesView&) = delete;
};

//===-- buffer_protocol.cpp
//--------------------------------------------------------------------===//

// Dense elements in host memory.
struct HostArray {
  void* data;
  uint64_t length;
  uint32_t element_type;
  uint32_t rank;
  const int64_t* shape;
  bool writable;
};
// A view of them: theirs, which `owner` keeps alive, if that may be and pays, else of a copy.
Ref<iree_hal_buffer_view_t> view_of_host(const HostArray& array, nb::handle owner,
                                         iree_hal_device_t* device, bool may_share);
// NULL, without an exception, if the object has no dense buffer, or of another type than the one
// that is wanted (IREE_HAL_NONE: any).
Ref<iree_hal_buffer_view_t> view_from_buffer(nb::handle object, iree_hal_device_t* device,
                                             uint32_t element_type, bool may_share);
// A DeviceArray's slots.
int export_buffer(PyObject* self, Py_buffer* out, int flags);
void release_exported_buffer(PyObject* self, Py_buffer* view);

//===-- numpy_interop.cpp
//----------------------------------------------------------------------===//

// Of numpy.dtype.kind and itemsize; IREE_HAL_NONE if there is none.
uint32_t element_type_of_kind(char kind, int64_t bytes);
// TypeError if the dtype has no element type.
uint32_t element_type_of(nb::handle dtype);
// The numpy.dtype. ImportError if it takes ml_dtypes and that is not installed.
nb::object dtype_of(uint32_t element_type);
// See hal_python.h; throws.
Ref<iree_hal_buffer_view_t> view_from_object(nb::handle object, iree_hal_device_t* device,
                                             uint32_t element_type);
// Always a copy, always mutable memory of its own.
Ref<iree_hal_buffer_view_t> copy_from_object(nb::handle object, iree_hal_device_t* device,
                                             uint32_t element_type);
// The same on another device, or again on its own, through the host.
Ref<iree_hal_buffer_view_t> copy_view(iree_hal_buffer_view_t* source, iree_hal_device_t* device);
// A copy of elements that are not side by side; strides count elements.
Ref<iree_hal_buffer_view_t> view_of_strided(void* data, uint32_t element_type, uint32_t rank,
                                            const int64_t* shape, const int64_t* strides,
                                            iree_hal_device_t* device);
// A read-only numpy.ndarray over the array's memory; waits for `ready` first.
nb::object to_numpy(nb::handle self, const Array& array);

//===-- dlpack.cpp
//-----------------------------------------------------------------------------===//

nb::object to_dlpack(const Array& array, bool versioned, bool copied);
// `capsule` from another library's __dlpack__, for memory that the host can read; copied if `copy`
// says so, and if it says nothing and the memory cannot be shared. Throws BufferError.
Ref<iree_hal_buffer_view_t> view_from_dlpack(nb::object capsule, iree_hal_device_t* device,
                                             std::optional<bool> copy);

//===-- device_array.cpp
//-----------------------------------------------------------------------===//

nb::object make_array(Ref<iree_hal_buffer_view_t> view, Fence ready);

//===-- registration, one per file
//-------------------------------------------------------------===//

void bind_errors(nb::module_& m);
void bind_buffer(nb::module_& m);
void bind_sync(nb::module_& m);
void bind_commands(nb::module_& m);
void bind_device(nb::module_& m);
void bind_device_array(nb::module_& m);
void bind_python_api(nb::module_& m);

}  // namespace iree::hal::py
