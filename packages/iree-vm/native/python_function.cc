// iree.vm._native.Function: an export that takes and gives arrays, callable without a detour
// through Python code.
#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "python.h"

#if PY_VERSION_HEX < 0x030C0000
#include <structmember.h>
#define Py_T_PYSSIZET T_PYSSIZET
#define Py_T_OBJECT_EX T_OBJECT_EX
#define Py_READONLY READONLY
#endif

namespace iree::vm::python {
namespace {

// What the manifest says about an input; unchecked if it says nothing.
struct Input {
  bool known = false;
  uint32_t element_type = IREE_HAL_NONE;
  std::vector<int64_t> shape;  // -1: any

  bool accepts(const iree_hal_buffer_view_t& view) const {
    if (!known) return true;
    if (view.element_type != element_type || view.rank != shape.size()) return false;
    for (size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] >= 0 && shape[i] != view.shape[i]) return false;
    }
    return true;
  }
};

// How flat results become what the caller gets.
enum class Packing { kOne, kTuple, kHelper };

struct State {
  hal::Ref<Context> context;
  const vm::Function* function;
  std::vector<Input> inputs;
  bool flat_inputs;
  Packing packing;
  uint64_t timeout_ns;  // IREE_HAL_INFINITE: none
};

struct FunctionObject {
  PyObject_HEAD vectorcallfunc vectorcall;
  // Binds structured arguments, packs structured results, explains errors; see iree.vm.function.
  PyObject* helper;
  State* state;
};

FunctionObject* cast(PyObject* self) { return reinterpret_cast<FunctionObject*>(self); }

// An argument's view, or NULL with an exception that names the input.
hal::Ref<iree_hal_buffer_view_t> view_of(FunctionObject* self, size_t index, PyObject* item) {
  const State& state = *self->state;
  const Input& input = state.inputs[index];
  if (item == Py_None) [[unlikely]] {  // NumPy would make it a NaN
    nb::handle(self->helper).attr("refuse")(index, nb::none(), nb::none());
    return {};
  }
  auto view = hal::Ref<iree_hal_buffer_view_t>::adopt(
      hal_api().view_from_object(item, state.context->devices[0].get(), input.element_type));
  if (!view) [[unlikely]] {
    nb::python_error cause;
    nb::handle(self->helper).attr("refuse")(index, nb::handle(item), cause.value());
    return {};
  }
  if (!input.accepts(*view.get())) [[unlikely]] {
    nb::list shape;
    for (uint32_t i = 0; i < view->rank; ++i) shape.append(view->shape[i]);
    const char* name = hal::element_type_name(view->element_type);
    nb::handle(self->helper).attr("mismatch")(index, name ? name : "?", nb::tuple(shape));
    return {};
  }
  return view;
}

// Buffers of inputs that were no arrays of the device's: their memory may be the caller's, who may
// write there once the call is over, so no result may lie in it.
using Borrowed = std::vector<hal::Ref<iree_hal_buffer_t>>;

struct Call {
  hal::Ref<Invocation> invocation;
  hal::Ref<iree_hal_fence_t> signal;
  Borrowed borrowed;
};

// Starts a call that waits for `wait` (may be null) and signals `signal` (null: one of its own):
// everything but running it. Throws nb::python_error and hal::Error.
Call prepare(FunctionObject* self, PyObject* const* items, size_t count,
             const iree_hal_fence_t* wait, iree_hal_fence_t* signal = nullptr) {
  const State& state = *self->state;
  Context& context = *state.context.get();
  if (count != state.inputs.size()) {
    nb::handle(self->helper).attr("wrong_count")(count);
    throw nb::python_error();
  }
  const iree_hal_python_api_t& api = hal_api();
  Call call{context.acquire(), {}, {}};
  Invocation& invocation = *call.invocation.get();
  call.signal =
      signal ? hal::Ref<iree_hal_fence_t>::retain(signal) : context.acquire_signal(invocation);
  invocation.begin(*state.function);
  std::vector<iree_hal_timepoint_t> pending;
  if (wait) pending.assign(wait->timepoints, wait->timepoints + wait->size);
  for (size_t i = 0; i < count; ++i) {
    auto view = view_of(self, i, items[i]);
    if (!view) throw nb::python_error();
    if (const iree_hal_fence_t* ready = api.array_ready(items[i])) {
      pending.insert(pending.end(), ready->timepoints, ready->timepoints + ready->size);
    }
    if (view->length >= IREE_HAL_PYTHON_SHARED_FROM && !api.array_view(items[i]))
      call.borrowed.push_back(hal::Ref<iree_hal_buffer_t>::retain(view->buffer));
    invocation.ref_argument(static_cast<uint32_t>(i)) = Ref::adopt(RefType::kView, view.release());
  }
  if (!pending.empty()) {
    iree_hal_fence_t* all = nullptr;
    hal::check(hal::make_fence({pending.data(), pending.size()}, &all));
    invocation.ref_argument(static_cast<uint32_t>(count)) = Ref::adopt(RefType::kFence, all);
  }
  invocation.ref_argument(static_cast<uint32_t>(count) + 1) =
      Ref::retain(RefType::kFence, call.signal.get());
  if (state.timeout_ns != IREE_HAL_INFINITE)
    invocation.deadline_ns = hal::deadline_after(state.timeout_ns);
  return call;
}

// `ready` may be null: the contents are valid already.
PyObject* array_of(Ref& ref, const Borrowed& borrowed, iree_hal_fence_t* ready) {
  if (ref.type() != RefType::kView) [[unlikely]] {
    throw hal::Error(hal::make_status(
        IREE_HAL_INTERNAL, "the export returned %s instead of an array", name_of(ref.type())));
  }
  auto view = hal::Ref<iree_hal_buffer_view_t>::retain(ref.as<iree_hal_buffer_view_t>());
  for (const auto& buffer : borrowed) {
    if (buffer.get() != view->buffer) continue;
    view = hal::Ref<iree_hal_buffer_view_t>::adopt(hal_api().view_copy(view.get()));
    if (!view) throw nb::python_error();
    break;
  }
  PyObject* array = hal_api().array_new(view.release(), ready);
  if (!array) throw nb::python_error();
  return array;
}

// The results of an invocation that ended well, as its caller wants them.
nb::object results_of(FunctionObject* self, Invocation& invocation, const Borrowed& borrowed,
                      iree_hal_fence_t* ready) {
  std::vector<Ref>& refs = invocation.ref_results;
  if (self->state->packing == Packing::kOne) return nb::steal(array_of(refs[0], borrowed, ready));
  nb::object tuple = nb::steal(PyTuple_New(static_cast<Py_ssize_t>(refs.size())));
  if (!tuple.is_valid()) throw nb::python_error();
  for (size_t i = 0; i < refs.size(); ++i) {
    if (PyTuple_SetItem(tuple.ptr(), static_cast<Py_ssize_t>(i),
                        array_of(refs[i], borrowed, ready)) != 0)
      throw nb::python_error();
  }
  if (self->state->packing == Packing::kTuple) return tuple;
  return nb::handle(self->helper).attr("pack")(tuple);
}

// Runs a prepared call and hands out its results; with `submit`, without waiting until they are
// valid.
nb::object finish_call(FunctionObject* self, Call& call, bool submit) {
  Invocation& invocation = *call.invocation.get();
  Context& context = *self->state->context.get();
  if (!run_blocking(invocation, submit ? nullptr : call.signal.get())) [[unlikely]] {
    if (!invocation.failed()) invocation.record_failure(IREE_HAL_CANCELLED, "interrupted");
    context.fail_signal(invocation, call.signal.get());
    throw nb::python_error();
  }
  nb::object results =
      results_of(self, invocation, call.borrowed, submit ? call.signal.get() : nullptr);
  // The next call may be done before this one, which a timeline cannot express.
  if (submit) invocation.timeline.reset();
  context.recycle(std::move(call.invocation));
  return results;
}

nb::object invoke(FunctionObject* self, PyObject* const* items, size_t count, PyObject* timeout) {
  Call call = prepare(self, items, count, nullptr);
  if (timeout && timeout != Py_None) call.invocation->deadline_ns = deadline_from(timeout);
  return finish_call(self, call, false);
}

// The items of a list or tuple that Python made.
struct Items {
  nb::object owner;
  std::vector<PyObject*> data;
  explicit Items(nb::object sequence) : owner(nb::steal(PySequence_Tuple(sequence.ptr()))) {
    if (!owner.is_valid()) throw nb::python_error();
    Py_ssize_t size = PyTuple_Size(owner.ptr());
    for (Py_ssize_t i = 0; i < size; ++i) data.push_back(PyTuple_GetItem(owner.ptr(), i));
  }
};

// Runs `body`, turning exceptions into Python's; NULL after one.
template <typename Body>
PyObject* guarded(Body body) noexcept {
  try {
    return body().release().ptr();
  } catch (nb::python_error& error) {
    error.restore();
  } catch (const hal::Error& error) {
    set_error(error.code(), error.what());
  } catch (const nb::builtin_exception& error) {
    PyErr_SetString(error.type() == nb::exception_type::type_error  ? PyExc_TypeError
                    : error.type() == nb::exception_type::key_error ? PyExc_KeyError
                                                                    : PyExc_ValueError,
                    error.what());
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  return nullptr;
}

PyObject* vectorcall(PyObject* object, PyObject* const* args, size_t nargsf, PyObject* kwnames) {
  auto count = static_cast<size_t>(PyVectorcall_NARGS(nargsf));
  return guarded([&]() -> nb::object {
    FunctionObject* self = cast(object);
    if (self->state->flat_inputs && !kwnames && count == self->state->inputs.size()) [[likely]] {
      return invoke(self, args, count, nullptr);
    }
    nb::list positional;
    for (size_t i = 0; i < count; ++i) positional.append(nb::handle(args[i]));
    nb::dict keywords;
    for (Py_ssize_t i = 0; kwnames && i < PyTuple_Size(kwnames); ++i) {
      keywords[nb::handle(PyTuple_GetItem(kwnames, i))] =
          nb::handle(args[count + static_cast<size_t>(i)]);
    }
    Items items(nb::handle(self->helper).attr("bind")(positional, keywords));
    return invoke(self, items.data.data(), items.data.size(), nullptr);
  });
}

// invoke(leaves, timeout=None): calls with the flat list of arrays that `bind` made.
PyObject* method_invoke(PyObject* object, PyObject* args) {
  PyObject *leaves, *timeout = Py_None;
  if (!PyArg_ParseTuple(args, "O|O:invoke", &leaves, &timeout)) return nullptr;
  return guarded([&]() -> nb::object {
    Items items(nb::borrow(leaves));
    return invoke(cast(object), items.data.data(), items.data.size(), timeout);
  });
}

// Set when the interpreter shuts down: from then on a thread that asks for the GIL would not come
// back.
std::atomic<bool> exiting{false};

// The fence that `object` is; NULL for None.
iree_hal_fence_t* fence_of(PyObject* object, const char* what) {
  if (object == Py_None) return nullptr;
  iree_hal_fence_t* fence = hal_api().fence_get(object);
  if (!fence) throw nb::type_error(what);
  return fence;
}

// submit(leaves, wait, signal): runs the host's part of a call; the results become valid later.
PyObject* method_submit(PyObject* object, PyObject* args) {
  PyObject *leaves, *wait, *signal;
  if (!PyArg_ParseTuple(args, "OOO:submit", &leaves, &wait, &signal)) return nullptr;
  return guarded([&]() -> nb::object {
    Items items(nb::borrow(leaves));
    const iree_hal_fence_t* before = fence_of(wait, "wait must be an iree.hal.Fence or None");
    iree_hal_fence_t* after = fence_of(signal, "signal must be an iree.hal.Fence or None");
    if (after && after->size == 0)
      throw nb::value_error("signal has no timepoints: it cannot tell");
    Call call = prepare(cast(object), items.data.data(), items.data.size(), before, after);
    return finish_call(cast(object), call, true);
  });
}

// A call in flight: what its end needs.
struct Pending {
  nb::object function;
  nb::object done;
  Borrowed borrowed;
};

void finish(void* user_data, Task& task) {
  auto* pending = static_cast<Pending*>(user_data);
  Invocation& invocation = *task.invocation.get();
  if (invocation.failed()) task.context->fail_signal(invocation, task.signal.get());
  if (exiting.load()) return;  // nobody is left to tell
  hal::py::gil::before_return();
  PyGILState_STATE gil = PyGILState_Ensure();
  hal::py::gil::after_return();
  hal::py::PythonCall python;
  FunctionObject* self = cast(pending->function.ptr());
  PyObject* result = guarded([&]() -> nb::object {
    if (!invocation.failed()) return results_of(self, invocation, pending->borrowed, nullptr);
    set_error(invocation.failure);
    throw nb::python_error();
  });
  PyObject* done = pending->done.ptr();
  PyObject* returned = nullptr;
  if (result) {
    returned = PyObject_CallFunctionObjArgs(done, result, Py_None, nullptr);
    Py_DECREF(result);
  } else {
    nb::python_error error;
    returned = PyObject_CallFunctionObjArgs(done, Py_None, error.value().ptr(), nullptr);
  }
  if (!returned) PyErr_WriteUnraisable(done);
  Py_XDECREF(returned);
  delete pending;
  PyGILState_Release(gil);
  if (!invocation.failed()) task.context->recycle(std::move(task.invocation));
}

// start(leaves, done): runs in the background; done(result, exception) is called on another thread
// at the end. Returns the Task.
PyObject* method_start(PyObject* object, PyObject* args) {
  PyObject *leaves, *done;
  if (!PyArg_ParseTuple(args, "OO:start", &leaves, &done)) return nullptr;
  return guarded([&]() -> nb::object {
    Items items(nb::borrow(leaves));
    Call call = prepare(cast(object), items.data.data(), items.data.size(), nullptr);
    auto pending = std::make_unique<Pending>(
        Pending{nb::borrow(object), nb::borrow(done), std::move(call.borrowed)});
    auto task =
        hal::Ref<Task>::adopt(new Task(cast(object)->state->context, std::move(call.invocation),
                                       std::move(call.signal), finish, pending.get()));
    nb::object handle = nb::cast(TaskHandle{task});
    Executor::get().start(std::move(task));
    (void)pending.release();
    return handle;
  });
}

// Function(context, name, inputs, flat_inputs, packing, helper, timeout)
PyObject* function_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"context", "name",   "inputs",  "flat_inputs",
                                "packing", "helper", "timeout", nullptr};
  PyObject *context, *inputs, *helper, *timeout;
  const char* name;
  int flat_inputs, packing;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OsOpiOO:Function", const_cast<char**>(names),
                                   &context, &name, &inputs, &flat_inputs, &packing, &helper,
                                   &timeout)) {
    return nullptr;
  }
  return guarded([&]() -> nb::object {
    auto state = std::make_unique<State>();
    state->context = nb::cast<ContextHandle&>(nb::handle(context)).context;
    const Export* e = state->context->module->find_export(name);
    if (!e || e->convention != Convention::kFences) throw nb::key_error(name);
    state->function = &state->context->module->functions[e->function];
    state->flat_inputs = flat_inputs;
    if (packing < 0 || packing > 2 || (packing == 0 && state->function->ref_results != 1))
      throw nb::value_error("packing");
    state->packing = static_cast<Packing>(packing);
    state->timeout_ns = timeout_from(timeout);
    for (nb::handle row : nb::borrow<nb::sequence>(inputs)) {
      Input input;
      if (!row.is_none()) {
        input.known = true;
        auto dtype = nb::cast<nb::str>(row[0]);
        input.element_type = hal::element_type_from_name(hal::make_string(dtype.c_str()));
        if (!input.element_type)
          throw nb::value_error((std::string("unknown dtype ") + dtype.c_str()).c_str());
        for (nb::handle dim : row[1])
          input.shape.push_back(dim.is_none() ? -1 : nb::cast<int64_t>(dim));
      }
      state->inputs.push_back(std::move(input));
    }
    if (state->inputs.size() + 2 != state->function->ref_arguments) {
      throw nb::value_error("the manifest and the export differ in the number of inputs");
    }
    auto alloc = reinterpret_cast<allocfunc>(PyType_GetSlot(type, Py_tp_alloc));
    PyObject* object = alloc(type, 0);
    if (!object) throw nb::python_error();
    cast(object)->vectorcall = vectorcall;
    cast(object)->helper = nb::borrow(helper).release().ptr();
    cast(object)->state = state.release();
    return nb::steal(object);
  });
}

int function_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(reinterpret_cast<PyObject*>(Py_TYPE(self)));
  Py_VISIT(cast(self)->helper);
  return 0;
}

int function_clear(PyObject* self) {
  Py_CLEAR(cast(self)->helper);
  return 0;
}

void function_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Py_CLEAR(cast(self)->helper);
  delete cast(self)->state;
  reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF(reinterpret_cast<PyObject*>(type));
}

// What the type does not have, the helper may.
PyObject* function_getattro(PyObject* self, PyObject* name) {
  // The type's own documentation is not the export's.
  if (cast(self)->helper && PyUnicode_CompareWithASCIIString(name, "__doc__") == 0) {
    return PyObject_GetAttr(cast(self)->helper, name);
  }
  PyObject* found = PyObject_GenericGetAttr(self, name);
  if (found || !cast(self)->helper || !PyErr_ExceptionMatches(PyExc_AttributeError)) return found;
  PyErr_Clear();
  return PyObject_GetAttr(cast(self)->helper, name);
}

PyObject* function_repr(PyObject* self) { return PyObject_Repr(cast(self)->helper); }

PyMethodDef function_methods[] = {
    {"invoke", method_invoke, METH_VARARGS,
     "invoke(leaves, timeout=None): call with a flat list of arrays."},
    {"submit_leaves", method_submit, METH_VARARGS,
     "submit_leaves(leaves, wait, signal): run the host's part of a call; the results become valid "
     "later."},
    {"start", method_start, METH_VARARGS,
     "start(leaves, done): call in the background; done(result, exception) is called on another "
     "thread."},
    {nullptr, nullptr, 0, nullptr},
};

PyMemberDef function_members[] = {
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(FunctionObject, vectorcall), Py_READONLY,
     nullptr},
    {"helper", Py_T_OBJECT_EX, offsetof(FunctionObject, helper), Py_READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};

PyType_Slot function_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(function_new)},
    {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
    {Py_tp_traverse, reinterpret_cast<void*>(function_traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(function_clear)},
    {Py_tp_dealloc, reinterpret_cast<void*>(function_dealloc)},
    {Py_tp_getattro, reinterpret_cast<void*>(function_getattro)},
    {Py_tp_repr, reinterpret_cast<void*>(function_repr)},
    {Py_tp_methods, function_methods},
    {Py_tp_members, function_members},
    {0, nullptr},
};

PyType_Spec function_spec = {
    "iree.vm._native.Function",
    sizeof(FunctionObject),
    0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    function_slots,
};

}  // namespace

void add_function_type(nb::module_& m) {
  nb::object type = nb::steal(PyType_FromSpec(&function_spec));
  if (!type.is_valid()) throw nb::python_error();
  m.attr("Function") = type;
  nb::module_::import_("atexit").attr("register")(nb::cpp_function([] { exiting.store(true); }));
}

}  // namespace iree::vm::python
