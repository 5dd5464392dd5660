// The queue operations' common way in.
#ifndef IREE_HAL_CPU_QUEUE_H_
#define IREE_HAL_CPU_QUEUE_H_

#include "command_buffer.h"

namespace iree::hal_cpu {

class Device;

// What to do, borrowed from the caller. At most one of the pointers is set; none is a barrier.
struct Operation {
  iree_hal_timepoints_t wait;
  iree_hal_timepoints_t signal;
  CommandBuffer* command_buffer = nullptr;
  iree_hal_binding_table_t bindings = {};  // of the command buffer, or buffers to retain
  const Work* transfer = nullptr;
  Buffer* deallocate = nullptr;
};

// Does `operation` on `device`, now or later: the semantics of hal.h's queue operations.
iree_hal_status_t submit(Device* device, const Operation& operation);

// Whether all of these, of which there are some, have failed: nobody waits for what would signal
// them.
bool is_unwanted(iree_hal_timepoints_t signals);

// Ends an operation: signals, or fails what it cannot signal.
void signal_all(iree_hal_timepoints_t signals);

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_QUEUE_H_
