// How other native extensions make and unwrap the Python objects of iree.hal without going through
// Python calls.
//
//   auto* api = (const iree_hal_python_api_t*)PyCapsule_Import(IREE_HAL_PYTHON_API_CAPSULE, 0);
//
// Every function needs the GIL. Those that return NULL or -1 have set a Python exception unless
// said otherwise. The table lives as long as the process.
#ifndef IREE_HAL_PYTHON_H_
#define IREE_HAL_PYTHON_H_

#include <Python.h>

#include "iree/hal.h"

#define IREE_HAL_PYTHON_API_CAPSULE "iree.hal._native.api"
#define IREE_HAL_PYTHON_API_VERSION 1u
// Arrays of fewer bytes are copied: that is quicker than keeping them alive.
#define IREE_HAL_PYTHON_SHARED_FROM 4096u

typedef struct iree_hal_python_api_t {
  uint32_t size;  // of this table: trailing entries may be missing from an older iree-hal
  uint32_t abi_version;

  // Sets the exception of iree.hal that fits the status (ValueError, TimeoutError, … by its code);
  // takes it.
  void (*set_error)(iree_hal_status_t status);

  // Wraps: a new Python object. Takes the caller's reference, on failure too.
  // `ready` may be NULL; the array's contents are valid once it is reached (borrowed; retained by
  // the array), and whatever reads them from Python waits for it.
  PyObject* (*array_new)(iree_hal_buffer_view_t* view, iree_hal_fence_t* ready);
  PyObject* (*device_new)(iree_hal_device_t* device);
  PyObject* (*fence_new)(iree_hal_fence_t* fence);
  PyObject* (*semaphore_new)(iree_hal_semaphore_t* semaphore);

  // Unwraps: borrowed from `object`, or NULL WITHOUT an exception if it is of another type.
  iree_hal_buffer_view_t* (*array_view)(PyObject* object);
  // The fence after which the array's contents are valid; NULL if they already are.
  iree_hal_fence_t* (*array_ready)(PyObject* object);
  iree_hal_device_t* (*device_get)(PyObject* object);
  iree_hal_fence_t* (*fence_get)(PyObject* object);
  iree_hal_semaphore_t* (*semaphore_get)(PyObject* object);

  // A view of any array for use on `device`: a DeviceArray as it is, else a NumPy array or anything
  // with the buffer protocol, __dlpack__ or __array__, imported without a copy if it is large,
  // dense and aligned to 16 bytes (it is then kept alive, and must not be written while the device
  // uses it), copied otherwise. `element_type` other than IREE_HAL_NONE is the type a Python scalar
  // or list becomes; arrays keep their own. NULL with TypeError, ValueError or BufferError if that
  // is not possible. Hands one reference to the caller.
  iree_hal_buffer_view_t* (*view_from_object)(PyObject* object, iree_hal_device_t* device,
                                              uint32_t element_type);
  // A copy of what a view shows, in memory of its own. NULL with an exception if that fails. Hands
  // one reference to the caller.
  iree_hal_buffer_view_t* (*view_copy)(iree_hal_buffer_view_t* view);
} iree_hal_python_api_t;

#endif  // IREE_HAL_PYTHON_H_
