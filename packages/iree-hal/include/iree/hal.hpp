// C++ conveniences over hal.h that drivers, the VM and the Python extension share. Header only,
// nothing here throws unless exceptions are on and `check` is called, and running out of memory is
// a status.
#ifndef IREE_HAL_HPP_
#define IREE_HAL_HPP_

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <atomic>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "iree/hal.h"

// Returns the status of `expr` from the enclosing function unless it is success.
#define IREE_HAL_TRY(expr)                                                            \
  do {                                                                                \
    if (iree_hal_status_t iree_hal_try_status_ = (expr)) return iree_hal_try_status_; \
  } while (false)

// Whether a function table is new enough to have `member`.
#define IREE_HAL_TABLE_HAS(table, member) \
  ((table)->size >= (size_t)((const char*)(&(table)->member + 1) - (const char*)(table)))

namespace iree::hal {

//===----------------------------------------------------------------------===//
// Status
//===----------------------------------------------------------------------===//

inline iree_hal_status_t out_of_memory() {
  static iree_hal_status_s status = {IREE_HAL_RESOURCE_EXHAUSTED, "out of host memory",
                                     [](iree_hal_status_s*) {}};
  return &status;
}

// A status with a formatted message, in one allocation. Without memory for it: `out_of_memory()`.
inline iree_hal_status_t make_status_v(iree_hal_code_t code, const char* format, va_list args) {
  va_list again;
  va_copy(again, args);
  int length = vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length < 0) length = 0;
  auto* status = static_cast<iree_hal_status_s*>(malloc(sizeof(iree_hal_status_s) + length + 1));
  if (!status) return out_of_memory();
  char* text = reinterpret_cast<char*>(status + 1);
  text[0] = 0;
  vsnprintf(text, static_cast<size_t>(length) + 1, format, args);
  status->code = code;
  status->message = text;
  status->destroy = [](iree_hal_status_s* self) { free(self); };
  return status;
}

[[gnu::format(printf, 2, 3), gnu::cold]] inline iree_hal_status_t make_status(iree_hal_code_t code,
                                                                              const char* format,
                                                                              ...) {
  va_list args;
  va_start(args, format);
  iree_hal_status_t status = make_status_v(code, format, args);
  va_end(args);
  return status;
}

// Another owned status that says the same. NULL for NULL.
inline iree_hal_status_t clone_status(const iree_hal_status_s* status) {
  return status ? make_status(status->code, "%s", status->message) : nullptr;
}

// Accepts NULL.
inline void free_status(iree_hal_status_t status) {
  if (status) status->destroy(status);
}

// What a semaphore that is to fail with the status, which is taken, fails with.
inline iree_hal_status_t as_failure(iree_hal_status_t status) {
  if (status->code != IREE_HAL_DEADLINE_EXCEEDED) return status;
  iree_hal_status_t failure = make_status(IREE_HAL_ABORTED, "%s", status->message);
  free_status(status);
  return failure;
}

struct StatusDeleter {
  void operator()(iree_hal_status_t status) const { free_status(status); }
};
// Owns a status; empty is success.
using Status = std::unique_ptr<iree_hal_status_s, StatusDeleter>;

inline const char* code_name(iree_hal_code_t code) {
  constexpr const char* names[] = {"OK",
                                   "CANCELLED",
                                   "UNKNOWN",
                                   "INVALID_ARGUMENT",
                                   "DEADLINE_EXCEEDED",
                                   "NOT_FOUND",
                                   "ALREADY_EXISTS",
                                   "PERMISSION_DENIED",
                                   "RESOURCE_EXHAUSTED",
                                   "FAILED_PRECONDITION",
                                   "ABORTED",
                                   "OUT_OF_RANGE",
                                   "UNIMPLEMENTED",
                                   "INTERNAL",
                                   "UNAVAILABLE",
                                   "DATA_LOSS",
                                   "INCOMPATIBLE"};
  auto index = static_cast<unsigned>(code);
  return index < sizeof(names) / sizeof(names[0]) ? names[index] : "UNKNOWN";
}

#if __cpp_exceptions
// A status as an exception; the Python extensions translate it.
class Error : public std::exception {
 public:
  // Takes the status, which is not success.
  explicit Error(iree_hal_status_t status) : status_(status, StatusDeleter()) {}
  const char* what() const noexcept override { return status_->message; }
  iree_hal_code_t code() const noexcept { return status_->code; }

 private:
  std::shared_ptr<iree_hal_status_s> status_;
};

// Throws Error unless `status` is success; takes it.
inline void check(iree_hal_status_t status) {
  if (status) [[unlikely]]
    throw Error(status);
}
#endif

//===----------------------------------------------------------------------===//
// Objects
//===----------------------------------------------------------------------===//

// One reference to a HAL object, or none.
template <typename T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}
  // Takes over the reference that the caller has.
  static Ref adopt(T* object) {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  // Adds a reference of its own. Accepts NULL.
  static Ref retain(T* object) {
    if (object) iree_hal_retain(object);
    return adopt(object);
  }
  Ref(const Ref& other) : Ref(retain(other.object_)) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() { iree_hal_release(object_); }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  // Hands the reference to the caller.
  [[nodiscard]] T* release() { return std::exchange(object_, nullptr); }
  void reset() { *this = Ref(); }
  // For an `out` parameter; drops what was held.
  T** out() {
    reset();
    return &object_;
  }

 private:
  T* object_ = nullptr;
};

// Fills in the object header of a freshly made `Impl`, which derives first from the C struct
// `Base`, has no virtual functions and is destroyed with `delete`. The count starts at one.
template <typename Base, typename Impl>
void init_object(Impl* self) {
  static_assert(std::is_base_of_v<Base, Impl> && !std::is_polymorphic_v<Impl>);
  Base* base = self;
  base->object.reference_count = 1;
  base->object.reserved = 0;
  base->object.destroy = [](void* object) {
    delete static_cast<Impl*>(static_cast<Base*>(object));
  };
}

//===----------------------------------------------------------------------===//
// Ranges and strings
//===----------------------------------------------------------------------===//

// Checks [offset, offset+*length) against `size` without overflow; resolves IREE_HAL_WHOLE_BUFFER.
inline iree_hal_status_t check_range(uint64_t size, uint64_t offset, uint64_t* length,
                                     const char* what) {
  if (offset > size) {
    return make_status(IREE_HAL_OUT_OF_RANGE, "%s: offset %llu is past the end (%llu bytes)", what,
                       (unsigned long long)offset, (unsigned long long)size);
  }
  if (*length == IREE_HAL_WHOLE_BUFFER) *length = size - offset;
  if (*length > size - offset) {
    return make_status(
        IREE_HAL_OUT_OF_RANGE, "%s: %llu bytes at offset %llu reach past the end (%llu bytes)",
        what, (unsigned long long)*length, (unsigned long long)offset, (unsigned long long)size);
  }
  return nullptr;
}

inline iree_hal_string_t make_string(const char* text) { return {text, strlen(text)}; }

inline bool equal(iree_hal_string_t a, const char* b) {
  return a.size == strlen(b) && (a.size == 0 || memcmp(a.data, b, a.size) == 0);
}

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

struct ElementTypeName {
  uint32_t type;
  const char* name;
};
// MLIR's short names, which the manifest and the command lines use too.
inline constexpr ElementTypeName kElementTypeNames[] = {
    {IREE_HAL_BOOL, "i1"},
    {IREE_HAL_I2, "i2"},
    {IREE_HAL_I4, "i4"},
    {IREE_HAL_I8, "i8"},
    {IREE_HAL_I16, "i16"},
    {IREE_HAL_I32, "i32"},
    {IREE_HAL_I64, "i64"},
    {IREE_HAL_U2, "ui2"},
    {IREE_HAL_U4, "ui4"},
    {IREE_HAL_U8, "ui8"},
    {IREE_HAL_U16, "ui16"},
    {IREE_HAL_U32, "ui32"},
    {IREE_HAL_U64, "ui64"},
    {IREE_HAL_F16, "f16"},
    {IREE_HAL_F32, "f32"},
    {IREE_HAL_F64, "f64"},
    {IREE_HAL_BF16, "bf16"},
    {IREE_HAL_C64, "complex<f32>"},
    {IREE_HAL_C128, "complex<f64>"},
    {IREE_HAL_F8E4M3FN, "f8E4M3FN"},
    {IREE_HAL_F8E5M2, "f8E5M2"},
    {IREE_HAL_F8E4M3FNUZ, "f8E4M3FNUZ"},
    {IREE_HAL_F8E5M2FNUZ, "f8E5M2FNUZ"},
    {IREE_HAL_F8E4M3B11FNUZ, "f8E4M3B11FNUZ"},
};

// "f32", …; NULL for a type that hal.h does not list.
inline const char* element_type_name(uint32_t type) {
  for (const ElementTypeName& entry : kElementTypeNames) {
    if (entry.type == type) return entry.name;
  }
  return nullptr;
}

// IREE_HAL_NONE for a name that does not exist.
inline uint32_t element_type_from_name(iree_hal_string_t name) {
  for (const ElementTypeName& entry : kElementTypeNames) {
    if (equal(name, entry.name)) return entry.type;
  }
  return IREE_HAL_NONE;
}

//===----------------------------------------------------------------------===//
// Buffer views
//===----------------------------------------------------------------------===//

// Bytes of a dense array. OUT_OF_RANGE if they do not fit 63 bits, INVALID_ARGUMENT for a negative
// dimension, an unknown element type or too many dimensions.
inline iree_hal_status_t dense_size(uint32_t element_type, uint32_t rank, const int64_t* shape,
                                    uint64_t* out) {
  if (!element_type_name(element_type)) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "unknown element type 0x%08x", element_type);
  }
  if (rank > IREE_HAL_MAX_RANK) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "rank %u is above the limit of %u", rank,
                       IREE_HAL_MAX_RANK);
  }
  // A size of 0 anywhere makes the array empty, whatever the product of the others.
  bool empty = false, overflow = false;
  int64_t size = static_cast<int64_t>(iree_hal_element_size(element_type));
  for (uint32_t i = 0; i < rank; ++i) {
    if (shape[i] < 0) {
      return make_status(IREE_HAL_INVALID_ARGUMENT, "dimension %u is negative: %lld", i,
                         (long long)shape[i]);
    }
    empty |= shape[i] == 0;
    overflow |= __builtin_mul_overflow(size, shape[i], &size);
  }
  if (overflow && !empty) {
    return make_status(IREE_HAL_OUT_OF_RANGE, "the shape's size in bytes does not fit 63 bits");
  }
  *out = empty ? 0 : static_cast<uint64_t>(size);
  return nullptr;
}

// A view of `buffer` from `offset` on. OUT_OF_RANGE if it reaches past the buffer.
inline iree_hal_status_t make_buffer_view(iree_hal_buffer_t* buffer, uint64_t offset,
                                          uint32_t element_type, uint32_t rank,
                                          const int64_t* shape, iree_hal_buffer_view_t** out) {
  uint64_t length = 0;
  IREE_HAL_TRY(dense_size(element_type, rank, shape, &length));
  IREE_HAL_TRY(check_range(buffer->length, offset, &length, "buffer view"));
  void* memory = malloc(sizeof(iree_hal_buffer_view_t) + rank * sizeof(int64_t));
  if (!memory) return out_of_memory();
  auto* view = new (memory) iree_hal_buffer_view_t();
  auto* dims = reinterpret_cast<int64_t*>(view + 1);
  for (uint32_t i = 0; i < rank; ++i) dims[i] = shape[i];
  view->object = {1, 0, [](void* object) {
                    iree_hal_release(static_cast<iree_hal_buffer_view_t*>(object)->buffer);
                    free(object);
                  }};
  iree_hal_retain(buffer);
  view->buffer = buffer;
  view->offset = offset;
  view->length = length;
  view->element_type = element_type;
  view->rank = rank;
  view->shape = dims;
  *out = view;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Time and fences
//===----------------------------------------------------------------------===//

inline uint64_t now_ns() {
  timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return static_cast<uint64_t>(ts.tv_sec) * 1000000000u + static_cast<uint64_t>(ts.tv_nsec);
}

// The deadline `timeout_ns` from now; what would overflow is IREE_HAL_INFINITE.
inline uint64_t deadline_after(uint64_t timeout_ns) {
  uint64_t deadline;
  return __builtin_add_overflow(now_ns(), timeout_ns, &deadline) ? IREE_HAL_INFINITE : deadline;
}

inline iree_hal_status_t make_fence(iree_hal_timepoints_t timepoints, iree_hal_fence_t** out) {
  size_t bytes;
  if (__builtin_mul_overflow(timepoints.size, sizeof(iree_hal_timepoint_t), &bytes) ||
      __builtin_add_overflow(bytes, sizeof(iree_hal_fence_t), &bytes)) {
    return out_of_memory();
  }
  void* memory = malloc(bytes);
  if (!memory) return out_of_memory();
  auto* fence = new (memory) iree_hal_fence_t();
  auto* copies = reinterpret_cast<iree_hal_timepoint_t*>(fence + 1);
  for (size_t i = 0; i < timepoints.size; ++i) {
    copies[i] = timepoints.data[i];
    iree_hal_retain(copies[i].semaphore);
  }
  fence->object = {1, 0, [](void* object) {
                     auto* self = static_cast<iree_hal_fence_t*>(object);
                     for (uint64_t i = 0; i < self->size; ++i) {
                       iree_hal_release(self->timepoints[i].semaphore);
                     }
                     free(object);
                   }};
  fence->size = timepoints.size;
  fence->timepoints = copies;
  *out = fence;
  return nullptr;
}

// The fence's timepoints, to wait on or signal; NULL is none.
inline iree_hal_timepoints_t timepoints(const iree_hal_fence_t* fence) {
  return fence ? iree_hal_timepoints_t{fence->timepoints, static_cast<size_t>(fence->size)}
               : iree_hal_timepoints_t{nullptr, 0};
}

// Blocks until all are reached, one failed, or the deadline passed (DEADLINE_EXCEEDED).
inline iree_hal_status_t wait(iree_hal_timepoints_t points, uint64_t deadline_ns) {
  for (size_t i = 0; i < points.size; ++i) {
    iree_hal_semaphore_t* semaphore = points.data[i].semaphore;
    IREE_HAL_TRY(semaphore->vtable->wait(semaphore, points.data[i].value, deadline_ns));
  }
  return nullptr;
}

// Signals all from the host; stops at the first error.
inline iree_hal_status_t signal(iree_hal_timepoints_t points) {
  for (size_t i = 0; i < points.size; ++i) {
    iree_hal_semaphore_t* semaphore = points.data[i].semaphore;
    IREE_HAL_TRY(semaphore->vtable->signal(semaphore, points.data[i].value));
  }
  return nullptr;
}

// Fails every semaphore with the status; takes it.
inline void fail(iree_hal_timepoints_t points, iree_hal_status_t status) {
  for (size_t i = 0; i < points.size; ++i) {
    iree_hal_semaphore_t* semaphore = points.data[i].semaphore;
    semaphore->vtable->fail(semaphore, clone_status(status));
  }
  free_status(status);
}

// Calls `fn` once all are reached (status NULL) or, after each has been reached or failed, with the
// first failure, which fn owns: at once on this thread if that is so already, else later on any
// thread. After an error return `fn` is not called. `fn` must not block.
inline iree_hal_status_t on_reach(iree_hal_timepoints_t points,
                                  void (*fn)(void* user_data, iree_hal_status_t status),
                                  void* user_data) {
  struct Join {
    std::atomic<size_t> pending;
    std::atomic<iree_hal_status_t> failure{nullptr};
    std::atomic<bool> abandoned{false};  // on_reach itself failed; fn belongs to nobody
    void (*fn)(void*, iree_hal_status_t);
    void* user_data;

    static void arrive(void* self, iree_hal_status_t status) {
      auto* join = static_cast<Join*>(self);
      if (status) {
        iree_hal_status_t none = nullptr;
        if (!join->failure.compare_exchange_strong(none, status)) free_status(status);
      }
      if (join->pending.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
      iree_hal_status_t failure = join->failure.load();
      if (join->abandoned.load()) {
        free_status(failure);
      } else {
        join->fn(join->user_data, failure);
      }
      delete join;
    }
  };
  if (points.size == 0) {
    fn(user_data, nullptr);
    return nullptr;
  }
  if (points.size == 1) {
    iree_hal_semaphore_t* semaphore = points.data[0].semaphore;
    return semaphore->vtable->on_reach(semaphore, points.data[0].value, fn, user_data);
  }
  auto* join = new (std::nothrow) Join();
  if (!join) return out_of_memory();
  join->pending.store(points.size + 1);  // one for this loop, so that fn runs after it
  join->fn = fn;
  join->user_data = user_data;
  for (size_t i = 0; i < points.size; ++i) {
    iree_hal_semaphore_t* semaphore = points.data[i].semaphore;
    iree_hal_status_t status =
        semaphore->vtable->on_reach(semaphore, points.data[i].value, Join::arrive, join);
    if (status) {
      join->abandoned.store(true);
      join->pending.fetch_sub(points.size - i);  // those not registered
      Join::arrive(join, nullptr);
      return status;
    }
  }
  Join::arrive(join, nullptr);
  return nullptr;
}

}  // namespace iree::hal
#endif  // IREE_HAL_HPP_
