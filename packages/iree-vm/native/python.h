// What the files of the Python extension share.
#ifndef IREE_VM_PYTHON_H_
#define IREE_VM_PYTHON_H_

#include <nanobind/nanobind.h>

#include "context.h"
#include "executor.h"
#include "iree/hal_gil.hpp"
#include "iree/hal_python.h"

namespace iree::vm::python {

namespace nb = nanobind;

// iree.hal's functions; loaded when first used. Throws nb::python_error, and ImportError if
// iree-hal does not fit.
const iree_hal_python_api_t& hal_api();

// Sets the exception of iree.vm.errors that fits. Needs the GIL.
void set_error(iree_hal_code_t code, const std::string& message, const std::string& location = {},
               const std::string& trace = {});
void set_error(const Failure& failure);

// A context as Python sees it.
struct ContextHandle {
  hal::Ref<Context> context;
};

// An invocation in flight.
struct TaskHandle {
  hal::Ref<Task> task;
};

// A timeout in seconds, None for never, as nanoseconds or the deadline that starts now. Throws
// nb::python_error or nb::value_error for what is no number.
uint64_t timeout_from(PyObject* timeout);
uint64_t deadline_from(PyObject* timeout);

// Runs to the end with the GIL released; signals of the process (Ctrl-C) are looked at now and
// then. `signal` may be null. Returns false with an exception set if it failed.
bool run_blocking(Invocation& invocation, iree_hal_fence_t* signal);

// Adds the type `Function` to the module.
void add_function_type(nb::module_& m);

}  // namespace iree::vm::python
#endif  // IREE_VM_PYTHON_H_
