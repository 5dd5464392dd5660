#include "common.h"

namespace iree::hal::py {

void set_error(iree_hal_status_t status) noexcept {
  Status owned(status);
  try {
    // Messages may quote bytes of a file: what is not UTF-8 must not hide the error.
    nb::object message =
        nb::steal(PyUnicode_DecodeUTF8(owned->message, strlen(owned->message), "backslashreplace"));
    if (!message.is_valid()) return;
    int code = static_cast<int>(owned->code);
    owned.reset();  // whose destroy may be anybody's: not while an exception is set
    nb::object error = call_python("iree.hal._errors", "from_status", code, message);
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error.ptr())), error.ptr());
  } catch (nb::python_error& error) {
    error.restore();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
}

void raise(iree_hal_status_t status) {
  set_error(status);
  nb::raise_python_error();
}

void bind_errors(nb::module_&) {
  nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
    try {
      std::rethrow_exception(pointer);
    } catch (const Error& error) {
      set_error(make_status(error.code(), "%s", error.what()));
    }
  });
}

}  // namespace iree::hal::py
