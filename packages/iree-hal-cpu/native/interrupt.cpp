#include "interrupt.h"

#include <algorithm>

namespace iree::hal_cpu {
namespace {

// What a piece should take: much more than a look at the clock, much less than anybody's patience.
constexpr uint64_t kPieceMicroseconds = 100;
constexpr uint64_t kAskMicroseconds = 2000;
// A kernel whose units take long may follow one whose units take nothing.
constexpr uint32_t kMostUnits = 64;

thread_local iree_hal_interrupt_t current = {};

}  // namespace

void set_interrupt(iree_hal_interrupt_t interrupt) { current = interrupt; }
iree_hal_interrupt_t current_interrupt() { return current; }

Pieces::Pieces(iree_hal_interrupt_t interrupt) : interrupt_(interrupt) {
  if (interrupt_.check) looked_ = asked_ = ticks();
}

iree_hal_status_t Pieces::run(const Work& work, Worker* worker) {
  if (!interrupt_.check) return work.unit_count ? work.run(0, work.unit_count, worker) : nullptr;
  for (uint32_t begin = 0; begin < work.unit_count;) {
    uint32_t end = begin + std::min(left_, work.unit_count - begin);
    IREE_HAL_TRY(work.run(begin, end, worker));
    left_ -= end - begin;
    begin = end;
    if (!left_) IREE_HAL_TRY(look());
  }
  return nullptr;
}

iree_hal_status_t Pieces::look() {
  const uint64_t now = ticks(), piece = kPieceMicroseconds * ticks_per_microsecond();
  size_ = now - looked_ < piece ? std::min(2 * size_, kMostUnits) : std::max(size_ / 2, 1u);
  looked_ = now;
  left_ = size_;
  if (now - asked_ < kAskMicroseconds * ticks_per_microsecond()) return nullptr;
  asked_ = now;
  return interrupt_.check(interrupt_.user_data);
}

}  // namespace iree::hal_cpu
