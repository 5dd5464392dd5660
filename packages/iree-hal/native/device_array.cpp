// DeviceArray: a buffer view, as Python's array protocols see it.
#include <nanobind/stl/vector.h>

#include <string>

#include "common.h"

namespace iree::hal::py {
namespace {

nb::tuple shape_of(const Array& self) {
  nb::tuple shape = nb::steal<nb::tuple>(PyTuple_New(static_cast<Py_ssize_t>(self.view->rank)));
  if (!shape.is_valid()) nb::raise_python_error();
  for (uint32_t i = 0; i < self.view->rank; ++i) {
    PyObject* size = PyLong_FromLongLong(self.view->shape[i]);
    if (!size) nb::raise_python_error();
    PyTuple_SetItem(shape.ptr(), i, size);
  }
  return shape;
}

nb::object numpy(nb::handle self) { return to_numpy(self, *nb::inst_ptr<Array>(self)); }

nb::object as_array(nb::handle self, nb::object dtype, nb::object copy) {
  nb::object array = numpy(self);
  bool never = !copy.is_none() && !nb::cast<bool>(copy);
  bool always = !copy.is_none() && nb::cast<bool>(copy);
  if (dtype.is_none() || dtype.equal(array.attr("dtype"))) {
    return always ? call_method(array, "copy") : array;
  }
  if (never) {
    throw nb::value_error("a conversion to another dtype needs a copy, which copy=False forbids");
  }
  return call_method(array, "astype", dtype);
}

nb::object dlpack(nb::handle self, nb::object, nb::object max_version, nb::object dl_device,
                  nb::object copy) {
  if (!dl_device.is_none() && !dl_device.equal(nb::make_tuple(1, 0))) {
    PyErr_SetString(PyExc_BufferError, "only exported to the host: dl_device=(1, 0)");
    nb::raise_python_error();
  }
  bool versioned = !max_version.is_none() && nb::cast<int>(max_version[0]) >= 1;
  bool copied = !copy.is_none() && nb::cast<bool>(copy);
  if (!versioned && !copy.is_none() && !copied) {
    PyErr_SetString(PyExc_BufferError,
                    "read-only memory cannot be shared through DLPack before version 1.0");
    nb::raise_python_error();
  }
  return to_dlpack(*nb::inst_ptr<Array>(self), versioned, copied);
}

// Arithmetic and comparisons happen on the host, as NumPy's: `==` that compared identities would
// mislead.
constexpr const char* kOperators[] = {
    "__add__",     "__radd__",     "__sub__",      "__rsub__",      "__mul__", "__rmul__",
    "__truediv__", "__rtruediv__", "__floordiv__", "__rfloordiv__", "__mod__", "__rmod__",
    "__pow__",     "__rpow__",     "__matmul__",   "__rmatmul__",   "__and__", "__rand__",
    "__or__",      "__ror__",      "__xor__",      "__rxor__",      "__eq__",  "__ne__",
    "__lt__",      "__le__",       "__gt__",       "__ge__"};
constexpr const char* kUnaryOperators[] = {"__neg__", "__abs__", "__invert__"};

void free_view_capsule(PyObject* capsule) {
  iree_hal_release(PyCapsule_GetPointer(capsule, IREE_HAL_BUFFER_VIEW_CAPSULE));
}

Array from_capsule(nb::handle capsule, const Fence* ready) {
  void* view = PyCapsule_GetPointer(capsule.ptr(), IREE_HAL_BUFFER_VIEW_CAPSULE);
  if (!view) nb::raise_python_error();
  return {Ref<iree_hal_buffer_view_t>::retain(static_cast<iree_hal_buffer_view_t*>(view)),
          ready ? *ready : Fence()};
}

}  // namespace

nb::object make_array(Ref<iree_hal_buffer_view_t> view, Fence ready) {
  static PyObject* type = nb::type<Array>().ptr();
  nb::object object = nb::inst_alloc(type);
  new (nb::inst_ptr<Array>(object)) Array{std::move(view), std::move(ready)};
  nb::inst_mark_ready(object);
  return object;
}

void bind_device_array(nb::module_& m) {
  static PyType_Slot slots[] = {
      {Py_bf_getbuffer, reinterpret_cast<void*>(export_buffer)},
      {Py_bf_releasebuffer, reinterpret_cast<void*>(release_exported_buffer)},
      {0, nullptr}};
  nb::class_<Array> type(m, "DeviceArray", nb::type_slots(slots), nb::is_weak_referenceable(),
                         "A dense, row-major, immutable array in the memory of a device. NumPy, "
                         "DLPack and the buffer protocol read "
                         "it, without a copy where the host sees that memory; reading waits until "
                         "the contents are there.");
  type.def_prop_ro("shape", shape_of, nb::sig("def shape(self) -> tuple[int, ...]"))
      .def_prop_ro(
          "dtype", [](const Array& self) { return dtype_of(self.view->element_type); },
          nb::sig("def dtype(self) -> numpy.dtype[typing.Any]"),
          "The numpy.dtype; ImportError for bf16, f8 and sub-byte types without ml_dtypes.")
      .def_prop_ro(
          "element_type",
          [](const Array& self) { return element_type_name(self.view->element_type); },
          "MLIR's name, such as f32, i1, bf16.")
      .def_prop_ro("ndim", [](const Array& self) { return self.view->rank; })
      .def_prop_ro("size",
                   [](const Array& self) {
                     return self.view->length / iree_hal_element_size(self.view->element_type);
                   })
      .def_prop_ro("nbytes", [](const Array& self) { return self.view->length; })
      .def_prop_ro("device",
                   [](const Array& self) { return Device::retain(self.view->buffer->device); })
      .def_prop_ro("buffer", [](const Array& self) { return Buffer::retain(self.view->buffer); })
      .def_prop_ro(
          "offset", [](const Array& self) { return self.view->offset; },
          "Of the first element in the buffer, in bytes.")
      .def_prop_ro(
          "ready",
          [](const Array& self) {
            return self.ready ? nb::cast(self.ready) : nb::object(nb::none());
          },
          nb::sig("def ready(self) -> Fence | None"),
          "The fence after which the contents are there; None if they are.")
      .def(
          "numpy", numpy, nb::sig("def numpy(self) -> typing.Any"),
          "A read-only numpy.ndarray of this memory (a copy of it where the host does not see it).")
      .def("__array__", as_array, nb::arg("dtype") = nb::none(), nb::arg("copy") = nb::none(),
           nb::sig("def __array__(self, dtype: typing.Any = None, copy: bool | None = None) -> "
                   "typing.Any"))
      .def("__dlpack__", dlpack, nb::kw_only(), nb::arg("stream") = nb::none(),
           nb::arg("max_version") = nb::none(), nb::arg("dl_device") = nb::none(),
           nb::arg("copy") = nb::none(),
           nb::sig(
               "def __dlpack__(self, *, stream: object = None, max_version: tuple[int, int] | None "
               "= None, "
               "dl_device: tuple[int, int] | None = None, copy: bool | None = None) -> typing.Any"))
      .def(
          "__dlpack_device__", [](const Array&) { return nb::make_tuple(1, 0); },
          nb::sig("def __dlpack_device__(self) -> tuple[int, int]"))
      .def_static(
          "from_dlpack",
          [](nb::object object, const Device& device, nb::object copy) {
            nb::object capsule = call_python("iree.hal._convert", "dlpack_capsule", object, true);
            std::optional<bool> wanted;
            if (!copy.is_none()) wanted = nb::cast<bool>(copy);
            return make_array(view_from_dlpack(capsule, device.get(), wanted), {});
          },
          nb::arg("object"), nb::arg("device"), nb::kw_only(), nb::arg("copy") = nb::none(),
          nb::sig(
              "def from_dlpack(object: typing.Any, device: Device, *, copy: bool | None = None) -> "
              "DeviceArray"),
          "An array of anything with __dlpack__ in host memory, without a copy if that is dense "
          "and aligned to 16 bytes (or else copied, unless `copy` is false). BufferError for what "
          "it "
          "cannot take.")
      .def_static(
          "from_buffer",
          [](const Buffer& buffer, nb::object dtype, nb::handle shape, uint64_t offset,
             const Fence* ready) {
            auto dims = nb::cast<std::vector<int64_t>>(shape);
            Ref<iree_hal_buffer_view_t> view;
            check(make_buffer_view(buffer.get(), offset, element_type_of(dtype),
                                   static_cast<uint32_t>(dims.size()), dims.data(), view.out()));
            return make_array(std::move(view), ready ? *ready : Fence());
          },
          nb::arg("buffer"), nb::arg("dtype"), nb::arg("shape"), nb::arg("offset") = 0,
          nb::arg("ready") = nb::none(),
          nb::sig("def from_buffer(buffer: Buffer, dtype: typing.Any, shape: "
                  "collections.abc.Sequence[int], "
                  "offset: int = 0, ready: Fence | None = None) -> DeviceArray"),
          "An array over part of a buffer. OutOfRangeError if it reaches past its end.")
      .def_static("from_capsule", from_capsule, nb::arg("capsule"), nb::arg("ready") = nb::none(),
                  nb::sig("def from_capsule(capsule: typing.Any, ready: Fence | None = None) -> "
                          "DeviceArray"))
      .def(
          "__iree_hal_buffer_view__",
          [](const Array& self) {
            nb::object capsule = nb::steal(
                PyCapsule_New(self.view.get(), IREE_HAL_BUFFER_VIEW_CAPSULE, free_view_capsule));
            if (!capsule.is_valid()) nb::raise_python_error();
            iree_hal_retain(self.view.get());
            return capsule;
          },
          nb::sig("def __iree_hal_buffer_view__(self) -> typing.Any"),
          "A PyCapsule of the C object, for other extensions.")
      .def(
          "item",
          [](nb::handle self, nb::args indices) {
            return call_method(numpy(self), "item", *indices);
          },
          nb::sig("def item(self, *indices: int) -> typing.Any"),
          "The only element, or the one at `indices`, as a Python scalar.")
      .def(
          "tolist", [](nb::handle self) { return call_method(numpy(self), "tolist"); },
          nb::sig("def tolist(self) -> typing.Any"))
      .def(
          "__getitem__",
          [](nb::handle self, nb::handle key) -> nb::object { return numpy(self)[key]; },
          nb::sig("def __getitem__(self, key: typing.Any, /) -> typing.Any"))
      .def(
          "__iter__", [](nb::handle self) { return call_method(numpy(self), "__iter__"); },
          nb::sig("def __iter__(self) -> collections.abc.Iterator[typing.Any]"))
      .def("__len__", [](nb::handle self) { return nb::len(numpy(self)); })
      .def(
          "__float__", [](nb::handle self) { return call_method(numpy(self), "__float__"); },
          nb::sig("def __float__(self) -> float"))
      .def(
          "__int__", [](nb::handle self) { return call_method(numpy(self), "__int__"); },
          nb::sig("def __int__(self) -> int"))
      .def(
          "__index__", [](nb::handle self) { return call_method(numpy(self), "__index__"); },
          nb::sig("def __index__(self) -> int"))
      .def(
          "__bool__", [](nb::handle self) { return call_method(numpy(self), "__bool__"); },
          nb::sig("def __bool__(self) -> bool"))
      .def(
          "__await__",
          [](nb::handle self) {
            return call_python("iree.hal._async", "when_ready", self).attr("__await__")();
          },
          nb::sig(
              "def __await__(self) -> collections.abc.Generator[typing.Any, None, DeviceArray]"))
      .def(
          "__reduce__",
          [](nb::handle) {
            throw nb::type_error(
                "a DeviceArray cannot be copied or pickled: its numpy() can, and device.array() "
                "makes one of that");
          },
          nb::sig("def __reduce__(self) -> typing.NoReturn"))
      .def(
          "__repr__",
          [](nb::handle self) {
            const Array& array = *nb::inst_ptr<Array>(self);
            return call_python("iree.hal._convert", "array_repr", self,
                               array.view->buffer->device->uri);
          },
          nb::sig("def __repr__(self) -> str"));
  for (const char* name : kOperators) {
    std::string signature =
        std::string("def ") + name + "(self, other: typing.Any, /) -> typing.Any";
    type.def(
        name,
        [name](nb::handle self, nb::handle other) { return call_method(numpy(self), name, other); },
        nb::sig(signature.c_str()));
  }
  for (const char* name : kUnaryOperators) {
    std::string signature = std::string("def ") + name + "(self) -> typing.Any";
    type.def(
        name, [name](nb::handle self) { return call_method(numpy(self), name); },
        nb::sig(signature.c_str()));
  }
  type.attr("__hash__") = nb::none();
}

}  // namespace iree::hal::py
