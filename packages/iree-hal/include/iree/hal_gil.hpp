// Letting go of the GIL in C++ without bringing the process down when it ends.
//
// Before Python 3.14, a thread that asks for the GIL while the interpreter is being finalized is
// ended with pthread_exit, which unwinds its stack; a C++ frame that must not throw, such as any
// destructor, makes that an abort. So a daemon thread inside an extension turns a normal exit into
// a crash. Here such threads are parked instead, as Python 3.14 does itself.
#ifndef IREE_HAL_GIL_HPP_
#define IREE_HAL_GIL_HPP_

#include <Python.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

extern "C" {
// One of them exists: the first since 3.13, the second up to 3.12.
[[gnu::weak]] int Py_IsFinalizing(void);
[[gnu::weak]] int _Py_IsFinalizing(void);
}

namespace iree::hal::py {
namespace gil {

// Per extension. Threads with C++ frames that are, or soon will be, where the interpreter could end
// them; whether it is about to do so.
inline std::atomic<int> exposed{0};
inline thread_local int calls = 0;  // of Python, by this thread: its part of `exposed`
inline std::atomic<bool> exiting{false};
inline pthread_t exiting_thread;

inline bool finalizing() {
  if (Py_IsFinalizing) return Py_IsFinalizing();
  return _Py_IsFinalizing && _Py_IsFinalizing();
}

inline void sleep_ms() {
  timespec ms = {0, 1000000};
  nanosleep(&ms, nullptr);
}

// Parks this thread for good once finalization has begun. If it does not begin for a second,
// something else at exit waits for this thread: then it goes on.
inline void park() {
  exposed.fetch_sub(calls);
  for (int i = 0; i < 1000 && !finalizing(); ++i) sleep_ms();
  while (finalizing()) pause();
  exposed.fetch_add(calls);
}

inline bool must_park() { return exiting.load() && !pthread_equal(pthread_self(), exiting_thread); }

inline void before_return() {
  // In this order: whoever sets `exiting` either is seen here or sees us.
  exposed.fetch_add(1);
  if (!must_park()) [[likely]]
    return;
  exposed.fetch_sub(1);
  park();
  exposed.fetch_add(1);
}

inline void after_return() { exposed.fetch_sub(1); }

// Runs at exit, with the GIL: from here on threads are parked; those that were faster get it once
// more.
inline PyObject* at_exit(PyObject*, PyObject*) {
  exiting_thread = pthread_self();
  exiting.store(true);
  for (int i = 0; i < 1000 && exposed.load() > 0; ++i) {
    PyThreadState* state = PyEval_SaveThread();
    sleep_ms();
    PyEval_RestoreThread(state);
  }
  Py_RETURN_NONE;
}

// For the extension's initialization. -1 with an exception if it fails.
inline int install() {
  static PyMethodDef method = {"park_threads_at_exit", at_exit, METH_NOARGS, nullptr};
  PyObject* function = PyCFunction_NewEx(&method, nullptr, nullptr);
  PyObject* module = function ? PyImport_ImportModule("atexit") : nullptr;
  PyObject* result = module ? PyObject_CallMethod(module, "register", "O", function) : nullptr;
  Py_XDECREF(function);
  Py_XDECREF(module);
  Py_XDECREF(result);
  return result ? 0 : -1;
}

}  // namespace gil

// Lets go of the GIL for the scope. The extension has called gil::install() when it was loaded.
class GilRelease {
 public:
  GilRelease() : state_(PyEval_SaveThread()) {}
  GilRelease(const GilRelease&) = delete;
  ~GilRelease() {
    gil::before_return();
    PyEval_RestoreThread(state_);
    gil::after_return();
  }

 private:
  PyThreadState* state_;
};

// Stands around a call of Python code from C++, in which the interpreter may let go of the GIL and
// come back.
class PythonCall {
 public:
  PythonCall() {
    if (gil::must_park()) GilRelease park;
    gil::exposed.fetch_add(1);
    ++gil::calls;
  }
  PythonCall(const PythonCall&) = delete;
  ~PythonCall() {
    --gil::calls;
    gil::exposed.fetch_sub(1);
  }
};

}  // namespace iree::hal::py
#endif  // IREE_HAL_GIL_HPP_
