// What may end the work that an inline device does on a thread of the application.
#ifndef IREE_HAL_CPU_INTERRUPT_H_
#define IREE_HAL_CPU_INTERRUPT_H_

#include "clock.h"
#include "work.h"

namespace iree::hal_cpu {

// Of the calling thread, for what it submits.
void set_interrupt(iree_hal_interrupt_t interrupt);
iree_hal_interrupt_t current_interrupt();

// Runs works, one after the other, in pieces between which it asks the interrupt, if there is one:
// every few milliseconds, and never within a workgroup.
class Pieces {
 public:
  explicit Pieces(iree_hal_interrupt_t interrupt);
  iree_hal_status_t run(const Work& work, Worker* worker);

 private:
  iree_hal_status_t look();

  iree_hal_interrupt_t interrupt_;
  uint32_t size_ = 16;  // units between two looks at the clock
  uint32_t left_ = 16;  // of them until the next one
  uint64_t looked_ = 0;
  uint64_t asked_ = 0;
};

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_INTERRUPT_H_
