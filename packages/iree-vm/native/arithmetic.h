// Arithmetic that C++ leaves undefined or has no name for.
#ifndef IREE_VM_ARITHMETIC_H_
#define IREE_VM_ARITHMETIC_H_

#include <bit>
#include <cmath>
#include <limits>

namespace iree::vm {

// IEEE 754-2019 minimum: NaN if either is, -0 below +0.
template <typename F>
F minimum(F a, F b) {
  if (a != a || b != b) return a + b;
  if (a == b) return std::signbit(a) ? a : b;
  return a < b ? a : b;
}

template <typename F>
F maximum(F a, F b) {
  if (a != a || b != b) return a + b;
  if (a == b) return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

// Towards 0, saturating; 0 for NaN.
template <typename I, typename F>
I saturate(F value) {
  // 2^bits of the range's upper end, which F has exactly whatever its precision.
  constexpr F kEnd = static_cast<F>(std::numeric_limits<I>::max() / 2 + 1) * 2;
  if (value != value) return 0;
  if (value >= kEnd) return std::numeric_limits<I>::max();
  if (value <= static_cast<F>(std::numeric_limits<I>::min())) return std::numeric_limits<I>::min();
  return static_cast<I>(value);
}

}  // namespace iree::vm
#endif  // IREE_VM_ARITHMETIC_H_
