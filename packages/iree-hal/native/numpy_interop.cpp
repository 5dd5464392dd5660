// Between NumPy arrays and buffer views. NumPy's C API is looked up when something first needs it,
// so that neither importing the extension nor calls with other buffers import NumPy, and arrays
// that are dense come in without a Python call.
#include "common.h"

#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#define NPY_TARGET_VERSION NPY_1_25_API_VERSION
#define PY_ARRAY_UNIQUE_SYMBOL iree_hal_numpy_api
#include <numpy/arrayobject.h>

namespace iree::hal::py {
namespace {

void load_numpy() {
  if (PyArray_API) [[likely]]
    return;
  PythonCall guard;
  if (_import_array() < 0) nb::raise_python_error();
}

struct Row {
  uint32_t element_type;
  char kind;  // as in numpy.dtype.kind, 0 for what ml_dtypes names
  int bytes;
  const char* name;
};
constexpr Row kRows[] = {
    {IREE_HAL_BOOL, 'b', 1, "bool"},
    {IREE_HAL_I8, 'i', 1, "int8"},
    {IREE_HAL_I16, 'i', 2, "int16"},
    {IREE_HAL_I32, 'i', 4, "int32"},
    {IREE_HAL_I64, 'i', 8, "int64"},
    {IREE_HAL_U8, 'u', 1, "uint8"},
    {IREE_HAL_U16, 'u', 2, "uint16"},
    {IREE_HAL_U32, 'u', 4, "uint32"},
    {IREE_HAL_U64, 'u', 8, "uint64"},
    {IREE_HAL_F16, 'f', 2, "float16"},
    {IREE_HAL_F32, 'f', 4, "float32"},
    {IREE_HAL_F64, 'f', 8, "float64"},
    {IREE_HAL_C64, 'c', 8, "complex64"},
    {IREE_HAL_C128, 'c', 16, "complex128"},
    {IREE_HAL_BF16, 0, 2, "bfloat16"},
    {IREE_HAL_F8E4M3FN, 0, 1, "float8_e4m3fn"},
    {IREE_HAL_F8E5M2, 0, 1, "float8_e5m2"},
    {IREE_HAL_F8E4M3FNUZ, 0, 1, "float8_e4m3fnuz"},
    {IREE_HAL_F8E5M2FNUZ, 0, 1, "float8_e5m2fnuz"},
    {IREE_HAL_F8E4M3B11FNUZ, 0, 1, "float8_e4m3b11fnuz"},
    {IREE_HAL_I2, 0, 1, "int2"},
    {IREE_HAL_I4, 0, 1, "int4"},
    {IREE_HAL_U2, 0, 1, "uint2"},
    {IREE_HAL_U4, 0, 1, "uint4"},
};

// Their dtypes, made when first asked for; kept for ever.
PyArray_Descr* descriptors[std::size(kRows)] = {};

PyArray_Descr* descriptor(size_t index) {
  if (descriptors[index]) [[likely]]
    return descriptors[index];
  nb::object dtype = call_python("iree.hal._convert", "dtype_named", kRows[index].name);
  // The call may have let another thread do the same.
  if (!descriptors[index])
    descriptors[index] = reinterpret_cast<PyArray_Descr*>(dtype.release().ptr());
  return descriptors[index];
}

// IREE_HAL_NONE if there is no such element type.
uint32_t lookup(PyArray_Descr* descr) {
  if (descr->type_num < NPY_USERDEF) {
    return element_type_of_kind(descr->kind, PyDataType_ELSIZE(descr));
  }
  // Somebody imported ml_dtypes, or it is nobody's type that we know.
  nb::object name = nb::getattr(reinterpret_cast<PyObject*>(descr), "name");
  for (size_t i = 0; i < std::size(kRows); ++i) {
    if (!kRows[i].kind && nb::cast<std::string_view>(name) == kRows[i].name &&
        descriptor(i)->type_num == descr->type_num) {
      return kRows[i].element_type;
    }
  }
  return IREE_HAL_NONE;
}

[[noreturn]] void raise_no_element_type(PyArray_Descr* descr) {
  PyErr_Format(PyExc_TypeError,
               "dtype %R has no element type on devices; convert with .astype(...) first", descr);
  nb::raise_python_error();
}

static_assert(sizeof(npy_intp) == sizeof(int64_t), "shapes are passed on as they are");

// Dense, in native byte order.
bool is_plain(PyArrayObject* array) {
  return PyArray_IS_C_CONTIGUOUS(array) && PyArray_ISNOTSWAPPED(array) && PyArray_ISALIGNED(array);
}

Ref<iree_hal_buffer_view_t> view_from_ndarray(PyArrayObject* array, iree_hal_device_t* device,
                                              bool may_share) {
  uint32_t type = lookup(PyArray_DESCR(array));
  if (!type) raise_no_element_type(PyArray_DESCR(array));
  if (!is_plain(array)) {
    nb::object plain = call_python("iree.hal._convert", "to_dense",
                                   nb::handle(reinterpret_cast<PyObject*>(array)));
    // Nobody else has it: no further copy is needed.
    return view_from_ndarray(reinterpret_cast<PyArrayObject*>(plain.ptr()), device, true);
  }
  HostArray host{PyArray_DATA(array),
                 static_cast<uint64_t>(PyArray_NBYTES(array)),
                 type,
                 static_cast<uint32_t>(PyArray_NDIM(array)),
                 reinterpret_cast<const int64_t*>(PyArray_DIMS(array)),
                 PyArray_ISWRITEABLE(array)};
  return view_of_host(host, reinterpret_cast<PyObject*>(array), device, may_share);
}

Ref<iree_hal_buffer_view_t> from_object(nb::handle object, iree_hal_device_t* device,
                                        uint32_t element_type, bool may_share) {
  drop_released();
  if (Array* array = unwrap<Array>(object.ptr())) {
    if (may_share && array->view->buffer->device == device) return array->view;
    Array held = *array;
    wait_without_gil(timepoints(held.ready.get()), IREE_HAL_INFINITE);
    return copy_view(held.view.get(), device);
  }
  // What has a buffer of the right type needs no NumPy, which takes longer to import than all else.
  if (!PyArray_API || !PyArray_Check(object.ptr())) {
    if (auto view = view_from_buffer(object, device, element_type, may_share)) return view;
  }
  load_numpy();
  nb::object dense;
  if (!PyArray_Check(object.ptr())) {
    // DLPack before anything that would copy; NumPy reads the rest: other buffers, __array__,
    // scalars and lists.
    constexpr const char* convert = "iree.hal._convert";
    nb::object capsule = call_python(convert, "dlpack_capsule", object);
    if (!capsule.is_none())
      return view_from_dlpack(capsule, device, may_share ? std::optional<bool>() : true);
    dense = element_type ? call_python(convert, "to_expected", object, dtype_of(element_type))
                         : call_python(convert, "to_dense", object);
    object = dense;
  }
  return view_from_ndarray(reinterpret_cast<PyArrayObject*>(object.ptr()), device, may_share);
}

void unmap_capsule(PyObject* capsule) {
  delete static_cast<Mapping*>(PyCapsule_GetPointer(capsule, "iree.hal.mapping"));
}

}  // namespace

uint32_t element_type_of_kind(char kind, int64_t bytes) {
  for (const Row& row : kRows) {
    if (kind && row.kind == kind && row.bytes == bytes) return row.element_type;
  }
  return IREE_HAL_NONE;
}

Ref<iree_hal_buffer_view_t> copy_view(iree_hal_buffer_view_t* source, iree_hal_device_t* device) {
  GilRelease release;
  uint64_t offset = source->offset;
  Buffer host, target;
  check(host_visible(source->buffer, &offset, source->length, &host));
  Mapping mapping;
  check(Mapping::make(host.get(), IREE_HAL_ACCESS_READ, offset, source->length, &mapping));
  check(allocate_for_array(device, source->length, &target));
  check(write_buffer(target.get(), 0, mapping.data, source->length));
  Ref<iree_hal_buffer_view_t> view;
  check(make_buffer_view(target.get(), 0, source->element_type, source->rank, source->shape,
                         view.out()));
  return view;
}

uint32_t element_type_of(nb::handle dtype) {
  load_numpy();
  PyArray_Descr* descr = nullptr;
  if (!PyArray_DescrConverter(dtype.ptr(), &descr)) nb::raise_python_error();
  nb::object owner = nb::steal(reinterpret_cast<PyObject*>(descr));
  uint32_t type = lookup(descr);
  if (!type) raise_no_element_type(descr);
  return type;
}

nb::object dtype_of(uint32_t element_type) {
  load_numpy();
  for (size_t i = 0; i < std::size(kRows); ++i) {
    if (kRows[i].element_type == element_type) {
      return nb::borrow(reinterpret_cast<PyObject*>(descriptor(i)));
    }
  }
  throw Error(
      make_status(IREE_HAL_UNIMPLEMENTED, "element type 0x%08x has no NumPy dtype", element_type));
}

Ref<iree_hal_buffer_view_t> view_of_strided(void* data, uint32_t element_type, uint32_t rank,
                                            const int64_t* shape, const int64_t* strides,
                                            iree_hal_device_t* device) {
  nb::object dtype = dtype_of(element_type);
  auto* descr = reinterpret_cast<PyArray_Descr*>(dtype.ptr());
  std::vector<npy_intp> bytes(strides, strides + rank);
  for (npy_intp& stride : bytes) stride *= PyDataType_ELSIZE(descr);
  // NumPy gathers the elements; nobody keeps what looks at `data`.
  nb::object array = nb::steal(
      PyArray_NewFromDescr(&PyArray_Type, reinterpret_cast<PyArray_Descr*>(dtype.release().ptr()),
                           static_cast<int>(rank), reinterpret_cast<const npy_intp*>(shape),
                           bytes.data(), data, 0, nullptr));
  if (!array.is_valid()) nb::raise_python_error();
  return view_from_ndarray(reinterpret_cast<PyArrayObject*>(array.ptr()), device, false);
}

Ref<iree_hal_buffer_view_t> view_from_object(nb::handle object, iree_hal_device_t* device,
                                             uint32_t element_type) {
  return from_object(object, device, element_type, true);
}

Ref<iree_hal_buffer_view_t> copy_from_object(nb::handle object, iree_hal_device_t* device,
                                             uint32_t element_type) {
  return from_object(object, device, element_type, false);
}

nb::object to_numpy(nb::handle self, const Array& array) {
  load_numpy();
  if (array.ready) wait_without_gil(timepoints(array.ready.get()), IREE_HAL_INFINITE);
  iree_hal_buffer_view_t* view = array.view.get();
  nb::object dtype = dtype_of(view->element_type);
  // A buffer with a host address is kept alive by this object; others by a mapping.
  nb::object base = nb::borrow(self);
  void* data;
  if (view->buffer->host_pointer && (view->buffer->usage & IREE_HAL_USAGE_MAPPING)) {
    // Asks whether it is still there, and says that the host looks at it.
    Mapping mapping;
    check(Mapping::make(view->buffer, IREE_HAL_ACCESS_READ, view->offset, view->length, &mapping));
    data = mapping.data;
  } else {
    auto mapping = std::make_unique<Mapping>();
    {
      GilRelease release;
      uint64_t offset = view->offset;
      Buffer host;
      check(host_visible(view->buffer, &offset, view->length, &host));
      check(Mapping::make(host.get(), IREE_HAL_ACCESS_READ, offset, view->length, mapping.get()));
    }
    data = mapping->data;
    base = nb::steal(PyCapsule_New(mapping.get(), "iree.hal.mapping", unmap_capsule));
    if (!base.is_valid()) nb::raise_python_error();
    (void)mapping.release();
  }
  // Not writable: views are immutable, and a later call may share their memory.
  nb::object result = nb::steal(PyArray_NewFromDescr(
      &PyArray_Type, reinterpret_cast<PyArray_Descr*>(dtype.release().ptr()),
      static_cast<int>(view->rank), reinterpret_cast<const npy_intp*>(view->shape), nullptr, data,
      NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_ALIGNED, nullptr));
  if (!result.is_valid()) nb::raise_python_error();
  if (PyArray_SetBaseObject(reinterpret_cast<PyArrayObject*>(result.ptr()), base.release().ptr())) {
    nb::raise_python_error();
  }
  return result;
}

}  // namespace iree::hal::py
