// Buffer, Mapping, and copies between device memory and the host's.
#include "common.h"

namespace iree::hal::py {

//===-- Mapping
//--------------------------------------------------------------------------------===//

Mapping::Mapping(Mapping&& other) noexcept
    : buffer(std::move(other.buffer)),
      access(other.access),
      offset(other.offset),
      length(other.length),
      data(std::exchange(other.data, nullptr)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  unmap();
  buffer = std::move(other.buffer);
  access = other.access;
  offset = other.offset;
  length = other.length;
  data = std::exchange(other.data, nullptr);
  return *this;
}

void Mapping::unmap() {
  if (!buffer) return;
  buffer->vtable->unmap_range(buffer.get(), access, offset, length);
  buffer.reset();
  data = nullptr;
}

iree_hal_status_t Mapping::make(iree_hal_buffer_t* buffer, iree_hal_access_t access,
                                uint64_t offset, uint64_t length, Mapping* out) {
  IREE_HAL_TRY(check_range(buffer->length, offset, &length, "map"));
  if ((access & IREE_HAL_ACCESS_WRITE) && (buffer->usage & IREE_HAL_USAGE_CONSTANT)) {
    return make_status(IREE_HAL_PERMISSION_DENIED, "map: the buffer is constant");
  }
  void* data = nullptr;
  IREE_HAL_TRY(buffer->vtable->map_range(buffer, access, offset, length, &data));
  out->unmap();
  out->buffer = Buffer::retain(buffer);
  out->access = access;
  out->offset = offset;
  out->length = length;
  out->data = data;
  return nullptr;
}

//===-- Copies
//---------------------------------------------------------------------------------===//

namespace {

bool mappable(const iree_hal_buffer_t* buffer) {
  return (buffer->usage & IREE_HAL_USAGE_MAPPING) && (buffer->type & IREE_HAL_MEMORY_HOST_VISIBLE);
}

// Copies on the device and waits for it.
iree_hal_status_t copy_and_wait(iree_hal_device_t* device, iree_hal_binding_t source,
                                iree_hal_binding_t target) {
  Semaphore done;
  IREE_HAL_TRY(device->vtable->create_semaphore(device, 0, done.out()));
  iree_hal_timepoint_t point = {done.get(), 1};
  IREE_HAL_TRY(device->vtable->queue_copy(device, {nullptr, 0}, {&point, 1}, source, target));
  return done->vtable->wait(done.get(), 1, IREE_HAL_INFINITE);
}

iree_hal_status_t allocate_staging(iree_hal_device_t* device, uint64_t length, Buffer* out) {
  return device->vtable->allocate(
      device, {IREE_HAL_MEMORY_HOST_VISIBLE, IREE_HAL_USAGE_TRANSFER | IREE_HAL_USAGE_MAPPING},
      length, out->out());
}

}  // namespace

iree_hal_status_t host_visible(iree_hal_buffer_t* buffer, uint64_t* offset, uint64_t length,
                               Buffer* out) {
  if (mappable(buffer)) {
    *out = Buffer::retain(buffer);
    return nullptr;
  }
  Buffer staging;
  IREE_HAL_TRY(allocate_staging(buffer->device, length, &staging));
  if (length) {
    IREE_HAL_TRY(copy_and_wait(buffer->device, {buffer, 0, 0, *offset, length},
                               {staging.get(), 0, 0, 0, length}));
  }
  *offset = 0;
  *out = std::move(staging);
  return nullptr;
}

iree_hal_status_t read_buffer(iree_hal_buffer_t* buffer, uint64_t offset, uint64_t length,
                              void* out) {
  if (!length) return nullptr;
  Buffer source;
  IREE_HAL_TRY(host_visible(buffer, &offset, length, &source));
  Mapping mapping;
  IREE_HAL_TRY(Mapping::make(source.get(), IREE_HAL_ACCESS_READ, offset, length, &mapping));
  memcpy(out, mapping.data, length);
  return nullptr;
}

iree_hal_status_t write_buffer(iree_hal_buffer_t* buffer, uint64_t offset, const void* data,
                               uint64_t length) {
  if (!length) return nullptr;
  bool direct = mappable(buffer);
  Buffer target = Buffer::retain(buffer);
  if (!direct) IREE_HAL_TRY(allocate_staging(buffer->device, length, &target));
  {
    Mapping mapping;
    IREE_HAL_TRY(
        Mapping::make(target.get(), IREE_HAL_ACCESS_WRITE, direct ? offset : 0, length, &mapping));
    memcpy(mapping.data, data, length);
  }
  if (direct) return nullptr;
  return copy_and_wait(buffer->device, {target.get(), 0, 0, 0, length},
                       {buffer, 0, 0, offset, length});
}

iree_hal_status_t allocate_for_array(iree_hal_device_t* device, uint64_t length, Buffer* out) {
  // Memory that is both is one copy less; where there is none, device local memory is reached by
  // staging.
  Status both(device->vtable->allocate(
      device, {IREE_HAL_MEMORY_DEVICE_LOCAL | IREE_HAL_MEMORY_HOST_VISIBLE, kArrayUsage}, length,
      out->out()));
  if (!both) return nullptr;
  Status local(device->vtable->allocate(
      device, {IREE_HAL_MEMORY_DEVICE_LOCAL, IREE_HAL_USAGE_TRANSFER | IREE_HAL_USAGE_STORAGE},
      length, out->out()));
  return local ? both.release() : nullptr;
}

//===-- Python
//---------------------------------------------------------------------------------===//

namespace {

// The Python object: counts the memoryviews that look at the range, like mmap.
struct PyMapping {
  Mapping mapping;
  int exports = 0;
};

int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  auto* object = nb::inst_ptr<PyMapping>(self);
  if (!object->mapping.buffer) {
    PyErr_SetString(PyExc_ValueError, "the mapping is closed");
    view->obj = nullptr;
    return -1;
  }
  bool readonly = !(object->mapping.access & IREE_HAL_ACCESS_WRITE);
  int rc = PyBuffer_FillInfo(view, self, object->mapping.data,
                             static_cast<Py_ssize_t>(object->mapping.length), readonly, flags);
  if (rc == 0) ++object->exports;
  return rc;
}

void release_buffer(PyObject* self, Py_buffer*) { --nb::inst_ptr<PyMapping>(self)->exports; }

void close(PyMapping& self) {
  if (self.exports) {
    PyErr_Format(PyExc_BufferError, "cannot unmap: %d memoryviews or arrays still use the mapping",
                 self.exports);
    nb::raise_python_error();
  }
  // Taken first: another thread may ask for the memory while the GIL is away.
  Mapping mapping = std::move(self.mapping);
  GilRelease release;
  mapping.unmap();
}

iree_hal_access_t access_of(std::string_view text) {
  if (text == "r") return IREE_HAL_ACCESS_READ;
  if (text == "w") return IREE_HAL_ACCESS_WRITE;
  if (text == "rw") return IREE_HAL_ACCESS_READ | IREE_HAL_ACCESS_WRITE;
  throw nb::value_error("access is 'r', 'w' or 'rw'");
}

}  // namespace

void bind_buffer(nb::module_& m) {
  static PyType_Slot mapping_slots[] = {
      {Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)},
      {Py_bf_releasebuffer, reinterpret_cast<void*>(release_buffer)},
      {0, nullptr}};
  nb::class_<PyMapping>(
      m, "Mapping", nb::type_slots(mapping_slots),
      "A range of a buffer that the host sees, through the buffer protocol. Unmapped by "
      "`close`, at the end of a `with` block, or with its last user.")
      .def("close", close, "Unmaps. BufferError while memoryviews or arrays use it.")
      .def(
          "__enter__", [](nb::handle self) { return nb::borrow(self); },
          nb::sig("def __enter__(self) -> Mapping"))
      .def(
          "__exit__", [](PyMapping& self, nb::args) { close(self); },
          nb::sig("def __exit__(self, *args: object) -> None"))
      .def("__len__", [](const PyMapping& self) { return self.mapping.length; });

  nb::class_<Buffer>(m, "Buffer", "Memory of one device.")
      .def_prop_ro(
          "length", [](const Buffer& self) { return self->length; }, "Bytes.")
      .def_prop_ro(
          "memory_type", [](const Buffer& self) { return self->type; }, "MemoryType bits.")
      .def_prop_ro(
          "usage", [](const Buffer& self) { return self->usage; }, "BufferUsage bits.")
      .def_prop_ro(
          "host_pointer",
          [](const Buffer& self) { return reinterpret_cast<uintptr_t>(self->host_pointer); },
          "Host address for the buffer's whole life, or 0.")
      .def_prop_ro("device", [](const Buffer& self) { return Device::retain(self->device); })
      .def(
          "map",
          [](const Buffer& self, std::string_view access, uint64_t offset, uint64_t length) {
            PyMapping result;
            iree_hal_access_t bits = access_of(access);
            GilRelease release;
            check(Mapping::make(self.get(), bits, offset, length, &result.mapping));
            return result;
          },
          nb::arg("access") = "r", nb::arg("offset") = 0, nb::arg("length") = IREE_HAL_WHOLE_BUFFER,
          "Maps [offset, offset+length) for access 'r', 'w' or 'rw'.")
      .def(
          "read",
          [](const Buffer& self, uint64_t offset, uint64_t length) {
            check(check_range(self->length, offset, &length, "read"));
            if (length > PY_SSIZE_T_MAX) throw std::bad_alloc();
            nb::object bytes =
                nb::steal(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(length)));
            if (!bytes.is_valid()) nb::raise_python_error();
            char* data = PyBytes_AsString(bytes.ptr());
            GilRelease release;
            check(read_buffer(self.get(), offset, length, data));
            return bytes;
          },
          nb::arg("offset") = 0, nb::arg("length") = IREE_HAL_WHOLE_BUFFER,
          nb::sig("def read(self, offset: int = 0, length: int = ...) -> bytes"),
          "A copy of a range, through staging memory if it cannot be mapped.")
      .def(
          "write",
          [](const Buffer& self, nb::handle data, uint64_t offset) {
            BytesView bytes(data);
            auto length = static_cast<uint64_t>(bytes.view.len);
            check(check_range(self->length, offset, &length, "write"));
            GilRelease release;
            check(write_buffer(self.get(), offset, bytes.view.buf, length));
          },
          nb::arg("data"), nb::arg("offset") = 0,
          nb::sig("def write(self, data: typing.Any, offset: int = 0) -> None"),
          "Copies bytes in at `offset`.")
      .def("__len__", [](const Buffer& self) { return self->length; })
      .def("__repr__", [](const Buffer& self) {
        return nb::str("<iree.hal.Buffer of {} bytes on {}>")
            .format(self->length, self->device->uri);
      });
}

}  // namespace iree::hal::py
