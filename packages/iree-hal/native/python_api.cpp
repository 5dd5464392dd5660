// The table of hal_python.h.
#include "common.h"

namespace iree::hal::py {
namespace {

// Runs `body`, which may throw, for a C caller.
template <typename F>
auto protect(F&& body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (nb::python_error& error) {
    error.restore();
  } catch (nb::builtin_exception& error) {
    PyErr_SetString(
        error.type() == nb::exception_type::type_error ? PyExc_TypeError : PyExc_ValueError,
        error.what());
  } catch (const Error& error) {
    set_error(make_status(error.code(), "%s", error.what()));
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  return nullptr;
}

template <typename T>
T* get(PyObject* object) {
  Ref<T>* ref = unwrap<Ref<T>>(object);
  return ref ? ref->get() : nullptr;
}

template <typename T>
PyObject* wrap(T* object) {
  Ref<T> ref = Ref<T>::adopt(object);
  return protect([&]() -> PyObject* { return nb::cast(std::move(ref)).release().ptr(); });
}

PyObject* array_new(iree_hal_buffer_view_t* view, iree_hal_fence_t* ready) {
  auto owned = Ref<iree_hal_buffer_view_t>::adopt(view);
  drop_released();
  return protect([&]() -> PyObject* {
    return make_array(std::move(owned), Fence::retain(ready)).release().ptr();
  });
}

iree_hal_buffer_view_t* array_view(PyObject* object) {
  Array* array = unwrap<Array>(object);
  return array ? array->view.get() : nullptr;
}

iree_hal_fence_t* array_ready(PyObject* object) {
  Array* array = unwrap<Array>(object);
  return array ? array->ready.get() : nullptr;
}

iree_hal_buffer_view_t* from_object(PyObject* object, iree_hal_device_t* device,
                                    uint32_t element_type) {
  return protect([&]() -> iree_hal_buffer_view_t* {
    return view_from_object(object, device, element_type).release();
  });
}

iree_hal_buffer_view_t* copy_of(iree_hal_buffer_view_t* view) {
  return protect(
      [&]() -> iree_hal_buffer_view_t* { return copy_view(view, view->buffer->device).release(); });
}

constexpr iree_hal_python_api_t kApi = {
    sizeof(iree_hal_python_api_t),
    IREE_HAL_PYTHON_API_VERSION,
    set_error,
    array_new,
    wrap<iree_hal_device_t>,
    wrap<iree_hal_fence_t>,
    wrap<iree_hal_semaphore_t>,
    array_view,
    array_ready,
    get<iree_hal_device_t>,
    get<iree_hal_fence_t>,
    get<iree_hal_semaphore_t>,
    from_object,
    copy_of,
};

}  // namespace

void bind_python_api(nb::module_& m) {
  m.attr("api") = nb::steal(PyCapsule_New(const_cast<iree_hal_python_api_t*>(&kApi),
                                          IREE_HAL_PYTHON_API_CAPSULE, nullptr));
}

}  // namespace iree::hal::py
