// The floating-point state that kernels rely on: the host's threads may have set another.
#ifndef IREE_HAL_CPU_FP_STATE_H_
#define IREE_HAL_CPU_FP_STATE_H_

#include <stdint.h>

namespace iree::hal_cpu {

// Round to nearest even, denormals kept, exceptions masked, until the end of the scope.
class DefaultFpState {
 public:
#if defined(__x86_64__)
  DefaultFpState() : saved_(__builtin_ia32_stmxcsr()) {
    if (is_changed()) __builtin_ia32_ldmxcsr(kDefault);
  }
  ~DefaultFpState() {
    if (is_changed()) __builtin_ia32_ldmxcsr(saved_);
  }

 private:
  static constexpr uint32_t kDefault = 0x1F80, kStickyFlags = 0x3F;
  bool is_changed() const { return (saved_ & ~kStickyFlags) != kDefault; }
  uint32_t saved_;
#else
  DefaultFpState() {
    asm volatile("mrs %0, fpcr" : "=r"(saved_));
    if (saved_) asm volatile("msr fpcr, %0" ::"r"(uint64_t{0}));
  }
  ~DefaultFpState() {
    if (saved_) asm volatile("msr fpcr, %0" ::"r"(saved_));
  }

 private:
  uint64_t saved_;
#endif

 public:
  DefaultFpState(const DefaultFpState&) = delete;
  DefaultFpState& operator=(const DefaultFpState&) = delete;
};

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_FP_STATE_H_
