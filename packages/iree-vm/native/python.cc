// iree.vm._native: modules and contexts.
#include "python.h"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <cmath>

namespace iree::vm::python {

const iree_hal_python_api_t& hal_api() {
  static const iree_hal_python_api_t* api = nullptr;
  if (api) [[likely]]
    return *api;
  nb::module_::import_("iree.hal._native");  // PyCapsule_Import imports the first package only
  auto* found =
      static_cast<const iree_hal_python_api_t*>(PyCapsule_Import(IREE_HAL_PYTHON_API_CAPSULE, 0));
  if (!found) throw nb::python_error();
  if (found->abi_version != IREE_HAL_PYTHON_API_VERSION ||
      found->size < sizeof(iree_hal_python_api_t)) {
    PyErr_Format(PyExc_ImportError,
                 "iree-vm was built for version %u of iree-hal's interface, the installed one has "
                 "version %u: "
                 "pip install --upgrade iree-hal iree-vm",
                 IREE_HAL_PYTHON_API_VERSION, found->abi_version);
    throw nb::python_error();
  }
  return *(api = found);
}

void set_error(iree_hal_code_t code, const std::string& message, const std::string& location,
               const std::string& trace) {
  try {
    nb::object error =
        nb::module_::import_("iree.vm.errors")
            .attr("from_status")(
                static_cast<int>(code),
                nb::steal(PyUnicode_DecodeUTF8(message.data(),
                                               static_cast<Py_ssize_t>(message.size()), "replace")),
                location, trace);
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error.ptr())), error.ptr());
  } catch (nb::python_error& error) {
    error.restore();
  }
}

void set_error(const Failure& failure) {
  set_error(failure.code, failure.message, failure.location, failure.trace);
}

uint64_t timeout_from(PyObject* timeout) {
  if (!timeout || timeout == Py_None) return IREE_HAL_INFINITE;
  double seconds = PyFloat_AsDouble(timeout);
  if (PyErr_Occurred()) throw nb::python_error();
  if (std::isnan(seconds)) throw nb::value_error("timeout is not a number");
  constexpr double kYears = 1e9;  // what is longer is for ever
  if (seconds >= kYears) return IREE_HAL_INFINITE;
  return seconds > 0 ? static_cast<uint64_t>(seconds * 1e9) : 0;
}

uint64_t deadline_from(PyObject* timeout) {
  uint64_t nanoseconds = timeout_from(timeout);
  return nanoseconds == IREE_HAL_INFINITE ? nanoseconds : hal::deadline_after(nanoseconds);
}

namespace {

// PyEval_RestoreThread that does not end the thread while the interpreter is being finalized.
void restore(PyThreadState* state) {
  hal::py::gil::before_return();
  PyEval_RestoreThread(state);
  hal::py::gil::after_return();
}

// Takes the GIL for a moment to let Python handle signals of the process.
struct SignalCheck {
  PyThreadState* state;
  bool interrupted = false;

  static bool poll(void* self) {
    auto* check = static_cast<SignalCheck*>(self);
    restore(check->state);
    check->interrupted = PyErr_CheckSignals() != 0;
    check->state = PyEval_SaveThread();
    return !check->interrupted;
  }
};

}  // namespace

bool run_blocking(Invocation& invocation, iree_hal_fence_t* signal) {
  SignalCheck check{PyEval_SaveThread()};
  invocation.run_blocking(SignalCheck::poll, &check);
  if (signal && !invocation.failed()) {
    hal::Status status(
        wait_polling(hal::timepoints(signal), invocation.deadline_ns, SignalCheck::poll, &check));
    if (status) [[unlikely]]
      invocation.record_failure(status->code, status->message);
  }
  restore(check.state);
  if (check.interrupted) return false;  // the exception of the handler is set
  if (!invocation.failed()) [[likely]]
    return true;
  set_error(invocation.failure);
  return false;
}

namespace {

// Runs `body`, with the VM's errors as exceptions of iree.vm: iree.hal's translator, which nanobind
// may ask first, would make others of them.
template <typename Body>
auto translated(Body body) {
  try {
    return body();
  } catch (const hal::Error& error) {
    set_error(error.code(), error.what());
  }
  throw nb::python_error();
}

[[noreturn]] void refuse(nb::handle object, const char* expected) {
  // A number is said; what else there is may be long.
  nb::object given = PyLong_Check(object.ptr()) ? nb::borrow(object) : nb::borrow(object.type());
  PyErr_Format(PyExc_TypeError, "expected %s, given %R", expected, given.ptr());
  throw nb::python_error();
}

template <typename T>
T number(nb::handle object, const char* expected) {
  T value;
  if (!nb::try_cast(object, value)) refuse(object, expected);
  return value;
}

// A Python value as an argument of a plain export. Throws TypeError, or what making an array does.
void set_argument(Invocation& invocation, char letter, uint32_t& value, uint32_t& ref,
                  nb::handle object) {
  switch (letter) {
    case 'i': {
      auto wide = number<int64_t>(object, "an i32");
      if (wide < INT32_MIN || wide > UINT32_MAX) refuse(object, "an i32");
      invocation.value_argument(value++).u32 = static_cast<uint32_t>(wide);
      return;
    }
    case 'I':
      invocation.value_argument(value++).i64 = number<int64_t>(object, "an i64");
      return;
    case 'f':
      invocation.value_argument(value++).f32 = static_cast<float>(number<double>(object, "an f32"));
      return;
    case 'F':
      invocation.value_argument(value++).f64 = number<double>(object, "an f64");
      return;
    default:
      break;
  }
  Ref& target = invocation.ref_argument(ref++);
  if (object.is_none()) return;
  const iree_hal_python_api_t& api = hal_api();
  if (auto* view = api.array_view(object.ptr())) {
    target = Ref::retain(RefType::kView, view);
  } else if (auto* fence = api.fence_get(object.ptr())) {
    target = Ref::retain(RefType::kFence, fence);
  } else if (auto* device = api.device_get(object.ptr())) {
    target = Ref::retain(RefType::kDevice, device);
  } else {
    const auto& devices = invocation.context.devices;
    if (devices.empty()) refuse(object, "None, since arrays need a device: load with device=…");
    auto* made = api.view_from_object(object.ptr(), devices[0].get(), IREE_HAL_NONE);
    if (!made) throw nb::python_error();
    target = Ref::adopt(RefType::kView, made);
  }
}

nb::object take_result(Ref ref) {
  const iree_hal_python_api_t& api = hal_api();
  PyObject* object = nullptr;
  switch (ref.type()) {
    case RefType::kNull:
      return nb::none();
    case RefType::kView:
      iree_hal_retain(ref.object());
      object = api.array_new(ref.as<iree_hal_buffer_view_t>(), nullptr);
      break;
    case RefType::kFence:
      iree_hal_retain(ref.object());
      object = api.fence_new(ref.as<iree_hal_fence_t>());
      break;
    default:
      throw hal::Error(hal::make_status(IREE_HAL_UNIMPLEMENTED, "a %s cannot be returned to Python",
                                        name_of(ref.type())));
  }
  if (!object) throw nb::python_error();
  return nb::steal(object);
}

// Calls a plain export: numbers, arrays, fences, devices and None in and out.
nb::list call_plain(ContextHandle& self, std::string_view name, nb::sequence arguments,
                    nb::object timeout) {
  Context& context = *self.context.get();
  const Export* e = context.module->find_export(name);
  if (!e) throw nb::key_error(std::string(name).c_str());
  const Function& f = context.module->functions[e->function];
  size_t given = nb::len(arguments);
  if (given != f.arguments.size()) {
    throw hal::Error(hal::make_status(IREE_HAL_INVALID_ARGUMENT,
                                      "%s: expected %zu arguments, given %zu",
                                      std::string(name).c_str(), f.arguments.size(), given));
  }
  hal::Ref<Invocation> invocation = context.acquire();
  invocation->begin(f);
  invocation->deadline_ns = deadline_from(timeout.ptr());
  uint32_t values = 0, refs = 0;
  for (size_t i = 0; i < given; ++i)
    set_argument(*invocation.get(), f.arguments[i], values, refs, arguments[i]);
  if (!run_blocking(*invocation.get(), nullptr)) throw nb::python_error();
  nb::list results;
  values = refs = 0;
  for (char letter : f.results) {
    switch (letter) {
      case 'i':
        results.append(invocation->value_results[values++].i32);
        break;
      case 'I':
        results.append(invocation->value_results[values++].i64);
        break;
      case 'f':
        results.append(static_cast<double>(invocation->value_results[values++].f32));
        break;
      case 'F':
        results.append(invocation->value_results[values++].f64);
        break;
      default:
        results.append(take_result(std::move(invocation->ref_results[refs++])));
    }
  }
  context.recycle(std::move(invocation));
  return results;
}

struct ModuleHandle {
  hal::Ref<Module> module;
};

nb::list exports_of(const ModuleHandle& self) {
  nb::list result;
  for (const Export& e : self.module->exports) {
    const Function& f = self.module->functions[e.function];
    result.append(nb::make_tuple(e.name, e.convention == Convention::kFences ? "fences" : "plain",
                                 f.arguments, f.results));
  }
  return result;
}

ModuleHandle copy_module(nb::handle bytes) {
  Py_buffer view;
  if (PyObject_GetBuffer(bytes.ptr(), &view, PyBUF_SIMPLE) != 0) throw nb::python_error();
  struct Release {
    Py_buffer* view;
    ~Release() { PyBuffer_Release(view); }
  } release{&view};
  return translated(
      [&] { return ModuleHandle{Module::copy(view.buf, static_cast<size_t>(view.len))}; });
}

ContextHandle make_context(const ModuleHandle& module, const std::vector<nb::object>& devices,
                           uint32_t depth, uint64_t memory, nb::handle timeout) {
  std::vector<hal::Ref<iree_hal_device_t>> list;
  for (const nb::object& object : devices) {
    auto* device = hal_api().device_get(object.ptr());
    if (!device) {
      PyErr_Format(PyExc_TypeError, "a device is a URI or an iree.hal.Device, given %R",
                   object.ptr());
      throw nb::python_error();
    }
    list.push_back(hal::Ref<iree_hal_device_t>::retain(device));
  }
  uint64_t deadline_ns = deadline_from(timeout.ptr());
  auto run = [&](Invocation& initializer) {
    initializer.deadline_ns = deadline_ns;
    if (!run_blocking(initializer, nullptr)) throw nb::python_error();
  };
  return translated([&] {
    return ContextHandle{Context::create(module.module, std::move(list), {depth, memory}, run)};
  });
}

}  // namespace
}  // namespace iree::vm::python

NB_MODULE(_native, m) {
  using namespace nanobind::literals;
  using namespace iree::vm;
  using namespace iree::vm::python;
  nb::set_leak_warnings(false);
  if (iree::hal::py::gil::install()) nb::raise_python_error();
  nb::class_<ModuleHandle>(m, "Module")
      .def_static(
          "open",
          [](const std::string& path) {
            return translated([&] {
              iree::hal::py::GilRelease release;
              return ModuleHandle{Module::open(path.c_str())};
            });
          },
          "path"_a, "Map and verify a module file.")
      .def_static("copy", &copy_module, "data"_a, "Copy and verify a module in memory.")
      .def_prop_ro("manifest",
                   [](const ModuleHandle& self) {
                     return nb::bytes(self.module->manifest.data(), self.module->manifest.size());
                   })
      .def_prop_ro("exports", &exports_of,
                   "(name, convention, argument letters, result letters) of each export.")
      .def_prop_ro("stateful", [](const ModuleHandle& self) { return self.module->stateful; })
      .def_prop_ro("size", [](const ModuleHandle& self) { return self.module->file_size; });

  nb::class_<ContextHandle>(m, "Context")
      .def(
          "__init__",
          [](ContextHandle* self, const ModuleHandle& module,
             const std::vector<nb::object>& devices, uint32_t depth, uint64_t memory,
             nb::object timeout) {
            new (self) ContextHandle(make_context(module, devices, depth, memory, timeout));
          },
          "module"_a, "devices"_a, "depth"_a = Limits().depth, "memory"_a = Limits().memory,
          "timeout"_a = nb::none())
      .def(
          "call",
          [](ContextHandle& self, std::string_view name, nb::sequence arguments,
             nb::object timeout) {
            return translated([&] { return call_plain(self, name, arguments, timeout); });
          },
          "name"_a, "arguments"_a, "timeout"_a = nb::none(),
          "Call a plain export; returns the list of results.");

  nb::class_<TaskHandle>(m, "Task").def("cancel", [](TaskHandle& self) { self.task->cancel(); });

  m.def("natives", [] {
    nb::dict rows;
#define VM_IMPORT(id, name, signature) rows[name] = signature;
#include "imports.inc"
#undef VM_IMPORT
    return rows;
  });
  add_function_type(m);
}
