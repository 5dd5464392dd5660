// The hardware abstraction layer: the one contract between the runtime and its drivers.
//
// A driver is a Python package whose entry point (group "iree.hal.drivers") returns a PyCapsule
// named IREE_HAL_DRIVER_CAPSULE that holds an `iree_hal_driver_t*`. Everything below is plain C:
// objects are reference counted, start with an `iree_hal_object_t`, and are used through function
// tables. A table starts with its own size, so that a caller can tell which trailing functions an
// older driver lacks; IREE_HAL_ABI_VERSION changes whenever an existing entry changes its meaning,
// and versions that differ are refused when the driver is registered.
//
// Conventions
//  * Ownership: a function that returns an object through an out parameter hands one reference to
//    the caller. Arguments are borrowed; a callee that keeps one retains it. NULL is never a valid
//    object unless the parameter says so.
//  * Threads: every function may be called from any thread at any time, on the same object too,
//    except recording into one command buffer, which one thread does at a time.
//  * Errors: functions return `iree_hal_status_t`, NULL for success. The caller owns a non-NULL
//    status and must pass it on or free it. After an error, out parameters are untouched.
//  * Sizes and offsets are in bytes. A length of IREE_HAL_WHOLE_BUFFER means "to the end".
//  * Deadlines are absolute CLOCK_MONOTONIC nanoseconds; IREE_HAL_INFINITE never passes, 0 polls.
#ifndef IREE_HAL_H_
#define IREE_HAL_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IREE_HAL_ABI_VERSION 1u
#define IREE_HAL_DRIVER_CAPSULE "iree.hal.driver"
#define IREE_HAL_DEVICE_CAPSULE "iree.hal.device"
#define IREE_HAL_BUFFER_VIEW_CAPSULE "iree.hal.buffer_view"
#define IREE_HAL_FENCE_CAPSULE "iree.hal.fence"
#define IREE_HAL_WHOLE_BUFFER UINT64_MAX
#define IREE_HAL_INFINITE UINT64_MAX
// Offsets of bindings and suballocations are multiples of this on every device.
#define IREE_HAL_BINDING_ALIGNMENT 256u

typedef struct iree_hal_driver_t iree_hal_driver_t;
typedef struct iree_hal_device_t iree_hal_device_t;
typedef struct iree_hal_buffer_t iree_hal_buffer_t;
typedef struct iree_hal_buffer_view_t iree_hal_buffer_view_t;
typedef struct iree_hal_semaphore_t iree_hal_semaphore_t;
typedef struct iree_hal_fence_t iree_hal_fence_t;
typedef struct iree_hal_executable_t iree_hal_executable_t;
typedef struct iree_hal_command_buffer_t iree_hal_command_buffer_t;

// Borrowed text, not necessarily NUL terminated.
typedef struct iree_hal_string_t {
  const char* data;
  size_t size;
} iree_hal_string_t;

// Borrowed bytes.
typedef struct iree_hal_span_t {
  const void* data;
  size_t size;
} iree_hal_span_t;

//===----------------------------------------------------------------------===//
// Status
//===----------------------------------------------------------------------===//

typedef enum iree_hal_code_e {
  IREE_HAL_OK = 0,
  IREE_HAL_CANCELLED = 1,
  IREE_HAL_UNKNOWN = 2,
  IREE_HAL_INVALID_ARGUMENT = 3,
  IREE_HAL_DEADLINE_EXCEEDED = 4,
  IREE_HAL_NOT_FOUND = 5,
  IREE_HAL_ALREADY_EXISTS = 6,
  IREE_HAL_PERMISSION_DENIED = 7,
  IREE_HAL_RESOURCE_EXHAUSTED = 8,
  IREE_HAL_FAILED_PRECONDITION = 9,
  IREE_HAL_ABORTED = 10,
  IREE_HAL_OUT_OF_RANGE = 11,
  IREE_HAL_UNIMPLEMENTED = 12,
  IREE_HAL_INTERNAL = 13,
  IREE_HAL_UNAVAILABLE = 14,   // device lost
  IREE_HAL_DATA_LOSS = 15,     // malformed bytes
  IREE_HAL_INCOMPATIBLE = 16,  // well-formed, but for another machine or version
} iree_hal_code_t;

// An error. `message` is UTF-8, says what was wrong and where, and lives as long as the status.
// `destroy` belongs to whoever made it, so that a status may cross shared objects.
typedef struct iree_hal_status_s {
  iree_hal_code_t code;
  const char* message;
  void (*destroy)(struct iree_hal_status_s* self);
}* iree_hal_status_t;

//===----------------------------------------------------------------------===//
// Objects
//===----------------------------------------------------------------------===//

// First member of every object. `destroy` runs once, when the last reference goes, on whichever
// thread that happens.
typedef struct iree_hal_object_t {
  int32_t reference_count;
  uint32_t reserved;
  void (*destroy)(void* self);
} iree_hal_object_t;

static inline void iree_hal_retain(void* object) {
  __atomic_fetch_add(&((iree_hal_object_t*)object)->reference_count, 1, __ATOMIC_RELAXED);
}

// Accepts NULL.
static inline void iree_hal_release(void* object) {
  if (!object) return;
  iree_hal_object_t* o = (iree_hal_object_t*)object;
  if (__atomic_fetch_sub(&o->reference_count, 1, __ATOMIC_ACQ_REL) == 1) o->destroy(o);
}

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

// kind << 24 | bits. Complex counts both parts. Sub-byte types are stored one element a byte at
// the boundaries of a module.
#define IREE_HAL_ELEMENT(kind, bits) (((uint32_t)(kind) << 24) | (uint32_t)(bits))
typedef enum iree_hal_element_type_e {
  IREE_HAL_NONE = 0,
  IREE_HAL_BOOL = IREE_HAL_ELEMENT(1, 8),
  IREE_HAL_I2 = IREE_HAL_ELEMENT(2, 2),
  IREE_HAL_I4 = IREE_HAL_ELEMENT(2, 4),
  IREE_HAL_I8 = IREE_HAL_ELEMENT(2, 8),
  IREE_HAL_I16 = IREE_HAL_ELEMENT(2, 16),
  IREE_HAL_I32 = IREE_HAL_ELEMENT(2, 32),
  IREE_HAL_I64 = IREE_HAL_ELEMENT(2, 64),
  IREE_HAL_U2 = IREE_HAL_ELEMENT(3, 2),
  IREE_HAL_U4 = IREE_HAL_ELEMENT(3, 4),
  IREE_HAL_U8 = IREE_HAL_ELEMENT(3, 8),
  IREE_HAL_U16 = IREE_HAL_ELEMENT(3, 16),
  IREE_HAL_U32 = IREE_HAL_ELEMENT(3, 32),
  IREE_HAL_U64 = IREE_HAL_ELEMENT(3, 64),
  IREE_HAL_F16 = IREE_HAL_ELEMENT(4, 16),
  IREE_HAL_F32 = IREE_HAL_ELEMENT(4, 32),
  IREE_HAL_F64 = IREE_HAL_ELEMENT(4, 64),
  IREE_HAL_BF16 = IREE_HAL_ELEMENT(5, 16),
  IREE_HAL_C64 = IREE_HAL_ELEMENT(6, 64),
  IREE_HAL_C128 = IREE_HAL_ELEMENT(6, 128),
  IREE_HAL_F8E4M3FN = IREE_HAL_ELEMENT(7, 8),
  IREE_HAL_F8E5M2 = IREE_HAL_ELEMENT(8, 8),
  IREE_HAL_F8E4M3FNUZ = IREE_HAL_ELEMENT(9, 8),
  IREE_HAL_F8E5M2FNUZ = IREE_HAL_ELEMENT(10, 8),
  IREE_HAL_F8E4M3B11FNUZ = IREE_HAL_ELEMENT(11, 8),
} iree_hal_element_type_t;

// Bytes one element takes in a buffer view.
static inline uint64_t iree_hal_element_size(uint32_t element_type) {
  return ((element_type & 0xFFFFFFu) + 7u) / 8u;
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

enum iree_hal_memory_type_e {
  IREE_HAL_MEMORY_DEVICE_LOCAL = 1u << 0,   // fast for the device
  IREE_HAL_MEMORY_HOST_VISIBLE = 1u << 1,   // can be mapped
  IREE_HAL_MEMORY_HOST_COHERENT = 1u << 2,  // mapped writes need no flush
  IREE_HAL_MEMORY_HOST_CACHED = 1u << 3,    // mapped reads are fast
};
typedef uint32_t iree_hal_memory_type_t;

enum iree_hal_buffer_usage_e {
  IREE_HAL_USAGE_TRANSFER = 1u << 0,  // source or target of fill and copy
  IREE_HAL_USAGE_STORAGE = 1u << 1,   // binding of a dispatch
  IREE_HAL_USAGE_MAPPING = 1u << 2,   // map_range
  IREE_HAL_USAGE_CONSTANT = 1u << 3,  // never written after creation; may share memory
};
typedef uint32_t iree_hal_buffer_usage_t;

enum iree_hal_access_e {
  IREE_HAL_ACCESS_READ = 1u << 0,
  IREE_HAL_ACCESS_WRITE = 1u << 1,
};
typedef uint32_t iree_hal_access_t;

typedef struct iree_hal_buffer_params_t {
  iree_hal_memory_type_t type;    // all of these, or the allocation fails
  iree_hal_buffer_usage_t usage;  // likewise
} iree_hal_buffer_params_t;

// Called once when a buffer made of somebody else's memory goes away; never while the device can
// still touch it. On any thread, with no lock of the driver held: what it frees may call the driver
// again. It does not block.
typedef struct iree_hal_release_callback_t {
  void (*fn)(void* user_data);  // may be NULL
  void* user_data;
} iree_hal_release_callback_t;

typedef struct iree_hal_buffer_vtable_t {
  uint32_t size;
  uint32_t abi_version;
  // Makes [offset, offset+length) visible to the host. Pointers stay valid until the unmap that
  // pairs with it. Mapping for READ sees every device write whose signal the host has observed;
  // writes that the device does while a range is mapped may be seen by the next mapping only (it
  // may be a copy). Fails with FAILED_PRECONDITION without USAGE_MAPPING. Ranges are already
  // checked by the caller.
  iree_hal_status_t (*map_range)(iree_hal_buffer_t* self, iree_hal_access_t access, uint64_t offset,
                                 uint64_t length, void** out_data);
  // Ends a map_range of the same range; writes become visible to the device.
  void (*unmap_range)(iree_hal_buffer_t* self, iree_hal_access_t access, uint64_t offset,
                      uint64_t length);
} iree_hal_buffer_vtable_t;

// Memory of one device. A queue_alloca'd buffer exists at once as a reservation; its contents may
// be touched only once the alloca has signalled.
struct iree_hal_buffer_t {
  iree_hal_object_t object;
  const iree_hal_buffer_vtable_t* vtable;
  iree_hal_device_t* device;  // retained
  iree_hal_memory_type_t type;
  iree_hal_buffer_usage_t usage;
  uint64_t length;
  // Host address for the buffer's whole life, or NULL: what is unified memory need not be mapped.
  // It is 64-byte aligned when the buffer was allocated, as given when imported.
  void* host_pointer;
};

// A shaped, typed range of a buffer: what crosses a module's boundary. Dense, row-major. Immutable.
// Made by the runtime, not by drivers.
#define IREE_HAL_MAX_RANK 32u
struct iree_hal_buffer_view_t {
  iree_hal_object_t object;
  iree_hal_buffer_t* buffer;  // retained
  uint64_t offset;
  uint64_t length;  // element_size * product(shape), checked when made
  uint32_t element_type;
  uint32_t rank;
  const int64_t* shape;  // rank entries >= 0, in the same allocation
};

//===----------------------------------------------------------------------===//
// Semaphores and fences
//===----------------------------------------------------------------------===//

// A timeline: a 64-bit value that only grows. Waiting for a value below or at the current one is
// done at once. A failed semaphore (device lost, an error on the queue) satisfies every wait with
// that error, for ever, also waits for values that it had reached before.
typedef struct iree_hal_semaphore_vtable_t {
  uint32_t size;
  uint32_t abi_version;
  // The current value, or the failure.
  iree_hal_status_t (*query)(iree_hal_semaphore_t* self, uint64_t* out_value);
  // Host signal. INVALID_ARGUMENT if `value` is not above the current one.
  iree_hal_status_t (*signal)(iree_hal_semaphore_t* self, uint64_t value);
  // Fails the semaphore; takes the status. The first failure stays. Nothing fails with
  // DEADLINE_EXCEEDED, by which `wait` says that time is up: that becomes ABORTED.
  void (*fail)(iree_hal_semaphore_t* self, iree_hal_status_t status);
  // Blocks the calling thread. DEADLINE_EXCEEDED, the failure, or success.
  iree_hal_status_t (*wait)(iree_hal_semaphore_t* self, uint64_t value, uint64_t deadline_ns);
  // Calls `fn` once when `value` is reached (status NULL) or the semaphore fails (a status that fn
  // owns): at once on this thread if that is so already, else later on any thread. `fn` must not
  // block. If the semaphore is destroyed first, fn gets CANCELLED.
  iree_hal_status_t (*on_reach)(iree_hal_semaphore_t* self, uint64_t value,
                                void (*fn)(void* user_data, iree_hal_status_t status),
                                void* user_data);
} iree_hal_semaphore_vtable_t;

struct iree_hal_semaphore_t {
  iree_hal_object_t object;
  const iree_hal_semaphore_vtable_t* vtable;
};

typedef struct iree_hal_timepoint_t {
  iree_hal_semaphore_t* semaphore;
  uint64_t value;
} iree_hal_timepoint_t;

// Waits or signals of a queue operation. Operations whose waits are all satisfied may run in any
// order and at the same time; only semaphores order them. Those that wait for each other in a
// circle stay, with all that they hold, until one of the semaphores fails.
typedef struct iree_hal_timepoints_t {
  const iree_hal_timepoint_t* data;
  size_t size;
} iree_hal_timepoints_t;

// A set of timepoints reached together. Immutable. Empty is "already reached".
struct iree_hal_fence_t {
  iree_hal_object_t object;
  uint64_t size;
  const iree_hal_timepoint_t* timepoints;  // semaphores retained; same allocation
};

//===----------------------------------------------------------------------===//
// Executables and command buffers
//===----------------------------------------------------------------------===//

// Device code with one or more entry points, addressed by ordinal.
struct iree_hal_executable_t {
  iree_hal_object_t object;
  uint32_t entry_count;
};

// A range that a command touches. If `buffer` is NULL the range is in slot `slot` of the binding
// table given at execution, `offset` relative to that slot's offset.
typedef struct iree_hal_binding_t {
  iree_hal_buffer_t* buffer;
  uint32_t slot;
  uint32_t reserved;
  uint64_t offset;
  uint64_t length;
} iree_hal_binding_t;

typedef struct iree_hal_binding_table_t {
  const iree_hal_binding_t* data;  // `buffer` never NULL here
  size_t size;
} iree_hal_binding_table_t;

// Recorded once, then executed any number of times, by several submissions at once too. Commands
// between two barriers are independent of each other and may run at the same time; a barrier orders
// all before it before all after it. Recording retains what it is given. Every range in slots is
// checked at execution (OUT_OF_RANGE), every direct one when recorded.
typedef struct iree_hal_command_buffer_vtable_t {
  uint32_t size;
  uint32_t abi_version;
  iree_hal_status_t (*barrier)(iree_hal_command_buffer_t* self);
  // Repeats a pattern of 1, 2, 4 or 8 bytes; offset and length are multiples of pattern_size.
  iree_hal_status_t (*fill)(iree_hal_command_buffer_t* self, iree_hal_binding_t target,
                            const void* pattern, uint32_t pattern_size);
  // Source and target may not overlap. Lengths are equal.
  iree_hal_status_t (*copy)(iree_hal_command_buffer_t* self, iree_hal_binding_t source,
                            iree_hal_binding_t target);
  // Runs entry `ordinal` over a grid of workgroups; a count of 0 in any dimension does nothing.
  // `constants` are copied now. The number of constants and bindings must be what the entry
  // declares.
  iree_hal_status_t (*dispatch)(iree_hal_command_buffer_t* self, iree_hal_executable_t* executable,
                                uint32_t ordinal, const uint32_t workgroup_count[3],
                                const uint32_t* constants, size_t constant_count,
                                const iree_hal_binding_t* bindings, size_t binding_count);
  // Ends recording. Nothing can be recorded after it, nothing executed before it.
  iree_hal_status_t (*finalize)(iree_hal_command_buffer_t* self);
} iree_hal_command_buffer_vtable_t;

struct iree_hal_command_buffer_t {
  iree_hal_object_t object;
  const iree_hal_command_buffer_vtable_t* vtable;
  uint32_t slot_count;
};

//===----------------------------------------------------------------------===//
// Devices and drivers
//===----------------------------------------------------------------------===//

typedef struct iree_hal_interrupt_t {
  iree_hal_status_t (*check)(void* user_data);
  void* user_data;
} iree_hal_interrupt_t;

typedef struct iree_hal_device_vtable_t {
  uint32_t size;
  uint32_t abi_version;
  // A named number: "concurrency" (workgroups that can run at once), "memory.total",
  // "memory.used", "memory.peak", "executable.format.<name>" (1 if prepare_executable takes it), …
  // NOT_FOUND for a name the driver does not know.
  iree_hal_status_t (*query_i64)(iree_hal_device_t* self, iree_hal_string_t key, int64_t* out);

  // Memory for any use; zero length is allowed. Contents are undefined. RESOURCE_EXHAUSTED when
  // there is none.
  iree_hal_status_t (*allocate)(iree_hal_device_t* self, iree_hal_buffer_params_t params,
                                uint64_t length, iree_hal_buffer_t** out);
  // A buffer over host memory that the caller keeps alive until `release` is called. UNIMPLEMENTED
  // if the device cannot (the caller then copies); after an error `release` is not called.
  iree_hal_status_t (*import_host)(iree_hal_device_t* self, iree_hal_buffer_params_t params,
                                   void* data, uint64_t length, iree_hal_release_callback_t release,
                                   iree_hal_buffer_t** out);

  iree_hal_status_t (*create_semaphore)(iree_hal_device_t* self, uint64_t initial_value,
                                        iree_hal_semaphore_t** out);
  iree_hal_status_t (*create_command_buffer)(iree_hal_device_t* self, uint32_t slot_count,
                                             iree_hal_command_buffer_t** out);
  // Verifies and loads untrusted bytes, which must outlive the executable when `release.fn` is set
  // (called when done with) and are copied otherwise. INCOMPATIBLE for a format or
  // machine this device is not, DATA_LOSS for malformed bytes.
  iree_hal_status_t (*prepare_executable)(iree_hal_device_t* self, iree_hal_string_t format,
                                          iree_hal_span_t data, iree_hal_release_callback_t release,
                                          iree_hal_executable_t** out);

  // Queue operations. Each waits for `wait`, does its work, then signals `signal` in order; it
  // returns without blocking (an inline device whose waits are satisfied may do the work before
  // returning). An error found here is returned and nothing is signalled; a later one, or a failed
  // wait, fails every signal semaphore. Where all of these have failed already, nobody waits for
  // the work: it may end early, and leaves what it writes undefined. Memory of queue_alloca is
  // taken at the call at the earliest, when `wait` is reached at the latest: as the driver can. So
  // when there is none, the call returns RESOURCE_EXHAUSTED or `signal` fails with it.
  iree_hal_status_t (*queue_alloca)(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                                    iree_hal_timepoints_t signal, iree_hal_buffer_params_t params,
                                    uint64_t length, iree_hal_buffer_t** out);
  // The buffer's memory may be reused once `wait` is reached, even while references remain, but not
  // while it is mapped.
  iree_hal_status_t (*queue_dealloca)(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                                      iree_hal_timepoints_t signal, iree_hal_buffer_t* buffer);
  iree_hal_status_t (*queue_fill)(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                                  iree_hal_timepoints_t signal, iree_hal_binding_t target,
                                  const void* pattern, uint32_t pattern_size);
  iree_hal_status_t (*queue_copy)(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                                  iree_hal_timepoints_t signal, iree_hal_binding_t source,
                                  iree_hal_binding_t target);
  // `command_buffer` may be NULL: a pure barrier. Retains what it needs until done.
  iree_hal_status_t (*queue_execute)(iree_hal_device_t* self, iree_hal_timepoints_t wait,
                                     iree_hal_timepoints_t signal,
                                     iree_hal_command_buffer_t* command_buffer,
                                     iree_hal_binding_table_t bindings);

  // NULL, or beyond `size`, for a device that works on threads of its own only. Operations that
  // keep the calling thread busy call `interrupt.check` on it now and then, until another is set
  // (with a NULL `check`: none); they end early with the status that it returns, if any.
  void (*set_interrupt)(iree_hal_device_t* self, iree_hal_interrupt_t interrupt);
} iree_hal_device_vtable_t;

struct iree_hal_device_t {
  iree_hal_object_t object;
  const iree_hal_device_vtable_t* vtable;
  const char* uri;   // what opens it again: "cpu", "vulkan://0"
  const char* name;  // for people: "AMD EPYC"
};

// One device that a driver could open.
typedef struct iree_hal_device_info_t {
  const char* path;      // after "driver://"; empty for the only one
  const char* name;      // for people
  const char* unusable;  // NULL, or why it cannot be opened
} iree_hal_device_info_t;

typedef struct iree_hal_option_t {
  iree_hal_string_t key, value;  // from "?key=value&…" of a URI
} iree_hal_option_t;

struct iree_hal_driver_t {
  uint32_t size;
  uint32_t abi_version;
  const char* name;     // "cpu"
  const char* version;  // of the package
  // Calls `fn` once per device; strings live during the call.
  iree_hal_status_t (*enumerate)(const iree_hal_driver_t* self,
                                 void (*fn)(void* user_data, const iree_hal_device_info_t* info),
                                 void* user_data);
  // NOT_FOUND for a path, INVALID_ARGUMENT for an option or value it does not know (named in the
  // message).
  iree_hal_status_t (*create_device)(const iree_hal_driver_t* self, iree_hal_string_t path,
                                     const iree_hal_option_t* options, size_t option_count,
                                     iree_hal_device_t** out);
};

#ifdef __cplusplus
}  // extern "C"
#endif
#endif  // IREE_HAL_H_
