// Semaphore, Fence, and the queue through which an event loop learns of completions.
#include <sys/eventfd.h>
#include <unistd.h>

#include "common.h"

namespace iree::hal::py {

void wait_without_gil(iree_hal_timepoints_t points, uint64_t deadline_ns) {
  // In slices, so that a signal handler (Ctrl-C) runs; the first is short work for what is done
  // already.
  constexpr uint64_t slice_ns = 100'000'000;
  for (;;) {
    iree_hal_status_t status;
    bool last;
    {
      GilRelease release;
      uint64_t until = deadline_after(slice_ns);
      last = until >= deadline_ns;
      status = wait(points, last ? deadline_ns : until);
    }
    if (!status) return;
    if (last || status->code != IREE_HAL_DEADLINE_EXCEEDED) raise(status);
    free_status(status);
    if (PyErr_CheckSignals()) nb::raise_python_error();
  }
}

uint64_t deadline_from_timeout(nb::handle seconds) {
  if (seconds.is_none()) return IREE_HAL_INFINITE;
  double value = nb::cast<double>(seconds);
  if (!(value >= 0)) throw nb::value_error("timeout is a number of seconds >= 0, or None");
  if (value == 0) return 0;
  return value < 9e9 ? deadline_after(static_cast<uint64_t>(value * 1e9)) : IREE_HAL_INFINITE;
}

//===-- Timepoints
//-----------------------------------------------------------------------------===//

Timepoints::Timepoints(nb::handle object) {
  if (object.is_none()) return;
  if (Fence* fence = unwrap<Fence>(object.ptr())) {
    owner_ = nb::borrow(object);
    data_ = const_cast<iree_hal_timepoint_t*>((*fence)->timepoints);
    size_ = (*fence)->size;
    return;
  }
  // A tuple of the pairs: another thread may change a list, but not this.
  owner_ = nb::steal(PySequence_Tuple(object.ptr()));
  if (!owner_.is_valid()) nb::raise_python_error();
  size_t count = nb::len(owner_);
  if (count > std::size(inline_)) data_ = new iree_hal_timepoint_t[count];
  for (nb::handle item : owner_) {
    nb::tuple pair;
    Semaphore* semaphore = nullptr;
    uint64_t value;
    if (nb::try_cast(item, pair) && pair.size() == 2) semaphore = unwrap<Semaphore>(pair[0].ptr());
    if (!semaphore || !nb::try_cast(pair[1], value)) {
      if (data_ != inline_) delete[] data_;
      data_ = inline_;
      throw nb::type_error(
          "wait and signal are None, a Fence, or a sequence of (Semaphore, value)");
    }
    data_[size_++] = {semaphore->get(), value};
  }
}

Timepoints::~Timepoints() {
  if (size_ > std::size(inline_) && PyTuple_Check(owner_.ptr())) delete[] data_;
}

//===-- CompletionQueue
//------------------------------------------------------------------------===//

namespace {

// Completions happen on threads that must not wait for the GIL. They are put on a list, and an
// eventfd tells the event loop to come and fetch them. There is no lock, which fork(2) could leave
// taken in the child.
struct Watch;
struct Completions {
  int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  std::atomic<Watch*> last{nullptr};
  std::atomic<size_t> references{1};

  void release();
};

// What waits, then is on the list: so that completing needs no memory.
struct Watch {
  Completions* queue;
  uint64_t token;
  iree_hal_status_t status = nullptr;
  Watch* previous = nullptr;
};

void Completions::release() {
  if (references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  for (Watch* watch = last.load(); watch;) {
    free_status(watch->status);
    delete std::exchange(watch, watch->previous);
  }
  close(fd);
  delete this;
}

void complete(void* user_data, iree_hal_status_t status) {
  auto* watch = static_cast<Watch*>(user_data);
  Completions* queue = watch->queue;
  watch->status = status;
  Watch* previous = queue->last.load(std::memory_order_relaxed);
  do {
    watch->previous = previous;
  } while (!queue->last.compare_exchange_weak(previous, watch, std::memory_order_acq_rel));
  // Who finds the list empty tells; `watch` may be gone already.
  if (!previous) (void)!eventfd_write(queue->fd, 1);
  queue->release();
}

class CompletionQueue {
 public:
  CompletionQueue() : state_(new Completions()) {
    if (state_->fd >= 0) return;
    int error = errno;
    delete state_;
    throw Error(make_status(IREE_HAL_RESOURCE_EXHAUSTED, "no eventfd: %s", strerror(error)));
  }
  CompletionQueue(const CompletionQueue&) = delete;
  ~CompletionQueue() { state_->release(); }

  int fileno() const { return state_->fd; }

  void watch(iree_hal_timepoints_t points, uint64_t token) {
    auto watch = std::make_unique<Watch>(Watch{state_, token});
    state_->references.fetch_add(1, std::memory_order_relaxed);
    if (iree_hal_status_t status = on_reach(points, complete, watch.get())) {
      state_->release();
      throw Error(status);
    }
    (void)watch.release();
  }

  nb::list drain() {
    uint64_t count;
    // First: who comes from here on finds the list empty, or is on it before it is taken.
    while (read(state_->fd, &count, sizeof(count)) < 0 && errno == EINTR) {
    }
    // In the order of completion.
    Watch* first = nullptr;
    Watch* last = state_->last.exchange(nullptr, std::memory_order_acq_rel);
    while (last) {
      Watch* previous = std::exchange(last->previous, first);
      first = std::exchange(last, previous);
    }
    nb::list result;
    while (first) {
      std::unique_ptr<Watch> watch(std::exchange(first, first->previous));
      if (!watch->status) {
        result.append(nb::make_tuple(watch->token, nb::none()));
        continue;
      }
      set_error(watch->status);
      nb::python_error error;
      result.append(nb::make_tuple(watch->token, nb::borrow(error.value())));
    }
    return result;
  }

 private:
  Completions* state_;
};

bool reached(iree_hal_timepoints_t points) {
  iree_hal_status_t status = wait(points, 0);
  if (status && status->code == IREE_HAL_DEADLINE_EXCEEDED) {
    free_status(status);
    return false;
  }
  check(status);
  return true;
}

Fence fence_from(nb::handle object) {
  Timepoints points(object);
  Fence fence;
  check(make_fence(points.get(), fence.out()));
  return fence;
}

iree_hal_status_t failure(const char* message, iree_hal_code_t code) {
  if (code <= IREE_HAL_OK || code > IREE_HAL_INCOMPATIBLE)
    throw nb::value_error("no such error code");
  return make_status(code, "%s", message);
}

void free_fence_capsule(PyObject* capsule) {
  iree_hal_release(PyCapsule_GetPointer(capsule, IREE_HAL_FENCE_CAPSULE));
}

}  // namespace

void bind_sync(nb::module_& m) {
  nb::class_<Semaphore>(
      m, "Semaphore",
      "A timeline: a 64-bit value that only grows, signalled by a device or the host. Once "
      "failed, every use raises the failure.")
      .def_prop_ro(
          "value",
          [](const Semaphore& self) {
            uint64_t value = 0;
            check(self->vtable->query(self.get(), &value));
            return value;
          },
          "The current value. Raises the failure of a failed semaphore.")
      .def(
          "signal",
          [](const Semaphore& self, uint64_t value) {
            GilRelease release;  // an inline device does its work in here
            check(self->vtable->signal(self.get(), value));
          },
          nb::arg("value"),
          "Raises the value; InvalidArgumentError if it is not above the current one.")
      .def(
          "fail",
          [](const Semaphore& self, const char* message, int code) {
            iree_hal_status_t status = failure(message, static_cast<iree_hal_code_t>(code));
            GilRelease release;
            self->vtable->fail(self.get(), status);
          },
          nb::arg("message"), nb::arg("code") = static_cast<int>(IREE_HAL_ABORTED),
          "Fails it for ever; the first failure stays.")
      .def(
          "wait",
          [](const Semaphore& self, uint64_t value, nb::object timeout) {
            iree_hal_timepoint_t point = {self.get(), value};
            wait_without_gil({&point, 1}, deadline_from_timeout(timeout));
          },
          nb::arg("value"), nb::arg("timeout") = nb::none(),
          nb::sig("def wait(self, value: int, timeout: float | None = None) -> None"),
          "Blocks until `value` is reached. DeadlineExceededError after `timeout` seconds.")
      .def(
          "__eq__", [](const Semaphore& a, const Semaphore& b) { return a.get() == b.get(); },
          nb::is_operator(), nb::sig("def __eq__(self, other: object, /) -> bool"))
      .def("__hash__",
           [](const Semaphore& self) { return reinterpret_cast<uintptr_t>(self.get()) >> 4; });

  nb::class_<Fence>(
      m, "Fence",
      "Timepoints that are reached together; awaitable. None or an empty sequence is reached "
      "already.")
      .def(
          "__init__",
          [](Fence* self, nb::object timepoints) { new (self) Fence(fence_from(timepoints)); },
          nb::arg("timepoints") = nb::none(),
          nb::sig("def __init__(self, timepoints: " IREE_TIMEPOINTS " = None) -> None"))
      .def_prop_ro(
          "timepoints",
          [](const Fence& self) {
            nb::list result;
            for (uint64_t i = 0; i < self->size; ++i) {
              const iree_hal_timepoint_t& point = self->timepoints[i];
              result.append(nb::make_tuple(Semaphore::retain(point.semaphore), point.value));
            }
            return result;
          },
          nb::sig("def timepoints(self) -> list[tuple[Semaphore, int]]"))
      .def_prop_ro(
          "reached", [](const Fence& self) { return reached(timepoints(self.get())); },
          "Whether all are; raises the failure of one that failed.")
      .def(
          "wait",
          [](const Fence& self, nb::object timeout) {
            Fence held = self;
            wait_without_gil(timepoints(held.get()), deadline_from_timeout(timeout));
          },
          nb::arg("timeout") = nb::none(),
          nb::sig("def wait(self, timeout: float | None = None) -> None"),
          "Blocks until all are reached. DeadlineExceededError after `timeout` seconds.")
      .def(
          "signal",
          [](const Fence& self) {
            Fence held = self;
            GilRelease release;
            check(signal(timepoints(held.get())));
          },
          "Signals all from the host.")
      .def(
          "fail",
          [](const Fence& self, const char* message, int code) {
            Fence held = self;
            iree_hal_status_t status = failure(message, static_cast<iree_hal_code_t>(code));
            GilRelease release;
            fail(timepoints(held.get()), status);
          },
          nb::arg("message"), nb::arg("code") = static_cast<int>(IREE_HAL_ABORTED),
          "Fails every semaphore of it.")
      .def(
          "__await__",
          [](nb::handle self) {
            return call_python("iree.hal._async", "wait", self).attr("__await__")();
          },
          nb::sig("def __await__(self) -> collections.abc.Generator[typing.Any, None, None]"))
      .def(
          "__iree_hal_fence__",
          [](const Fence& self) {
            nb::object capsule =
                nb::steal(PyCapsule_New(self.get(), IREE_HAL_FENCE_CAPSULE, free_fence_capsule));
            if (!capsule.is_valid()) nb::raise_python_error();
            iree_hal_retain(self.get());
            return capsule;
          },
          "A PyCapsule of the C object, for other extensions.",
          nb::sig("def __iree_hal_fence__(self) -> typing.Any"))
      .def_static(
          "from_capsule",
          [](nb::handle capsule) {
            void* fence = PyCapsule_GetPointer(capsule.ptr(), IREE_HAL_FENCE_CAPSULE);
            if (!fence) nb::raise_python_error();
            return Fence::retain(static_cast<iree_hal_fence_t*>(fence));
          },
          nb::arg("capsule"), nb::sig("def from_capsule(capsule: typing.Any) -> Fence"))
      .def("__len__", [](const Fence& self) { return self->size; });

  nb::class_<CompletionQueue>(
      m, "CompletionQueue",
      "Collects completions from any thread without the GIL; its file descriptor is readable when "
      "there are some: what an event loop waits for.")
      .def(nb::init<>())
      .def("fileno", &CompletionQueue::fileno, "The file descriptor; the queue's own.")
      .def(
          "watch",
          [](CompletionQueue& self, nb::object timepoints_like, uint64_t token) {
            Timepoints points(timepoints_like);
            self.watch(points.get(), token);
          },
          nb::arg("timepoints"), nb::arg("token"),
          nb::sig("def watch(self, timepoints: " IREE_TIMEPOINTS ", "
                  "token: int) -> None"),
          "Adds `token` once all are reached or one has failed. The caller keeps the semaphores "
          "alive: "
          "one that goes first completes with CancelledError.")
      .def("drain", &CompletionQueue::drain,
           nb::sig("def drain(self) -> list[tuple[int, Exception | None]]"),
           "Takes what has been completed: (token, None or the failure).");
}

}  // namespace iree::hal::py
