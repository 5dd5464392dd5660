// The extension module: hands out the driver. One function, so that Python's own limited C API is
// all it takes and one binary serves every Python from 3.11 on.
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include "driver.h"

namespace {

PyObject* driver(PyObject*, PyObject*) {
  return PyCapsule_New(const_cast<iree_hal_driver_t*>(iree::hal_vulkan::driver()),
                       IREE_HAL_DRIVER_CAPSULE, nullptr);
}

PyMethodDef methods[] = {
    {"driver", driver, METH_NOARGS, "The driver, as a capsule named \"iree.hal.driver\"."},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_native", nullptr, 0, methods, nullptr, nullptr, nullptr, nullptr,
};

}  // namespace

PyMODINIT_FUNC PyInit__native() { return PyModuleDef_Init(&definition); }
