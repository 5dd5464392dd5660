// The extension module: hands out the driver. One function, so that Python's own limited C API is
// all it takes and one binary serves every Python from 3.11 on.
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include "dawn.h"
#include "driver.h"

namespace {

PyObject* driver(PyObject*, PyObject* library) {
  Py_ssize_t size = 0;
  const char* path = PyUnicode_AsUTF8AndSize(library, &size);
  if (!path) return nullptr;
  iree::hal_webgpu::set_library(std::string(path, static_cast<size_t>(size)));
  return PyCapsule_New(const_cast<iree_hal_driver_t*>(iree::hal_webgpu::driver()),
                       IREE_HAL_DRIVER_CAPSULE, nullptr);
}

PyMethodDef methods[] = {
    {"driver", driver, METH_O,
     "The driver, as a capsule named \"iree.hal.driver\"; it loads Dawn's library from that path."},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_native", nullptr, 0, methods, nullptr, nullptr, nullptr, nullptr,
};

}  // namespace

PyMODINIT_FUNC PyInit__native() { return PyModuleDef_Init(&definition); }
