// Reading the operands that imports of module `hal` have in common.
#ifndef IREE_VM_HAL_OPERANDS_H_
#define IREE_VM_HAL_OPERANDS_H_

#include <algorithm>
#include <string>
#include <vector>

#include "natives.h"

namespace iree::vm::natives {

constexpr size_t kMaxFence = 1 << 16;  // timepoints

inline iree_hal_device_t* device_operand(NativeCall& call) {
  return call.object<iree_hal_device_t>(RefType::kDevice);
}
inline iree_hal_buffer_t* buffer_operand(NativeCall& call) {
  return call.object<iree_hal_buffer_t>(RefType::kHalBuffer);
}
inline const ByteBuffer* bytes_operand(NativeCall& call) {
  return static_cast<const ByteBuffer*>(call.object<Object<ByteBuffer>>(RefType::kBuffer));
}
inline iree_hal_timepoints_t fence_operand(NativeCall& call) {
  return hal::timepoints(call.object_or_null<iree_hal_fence_t>(RefType::kFence));
}
inline iree_hal_string_t text(const ByteBuffer& bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.length};
}

// (buffer, offset); the length comes later.
inline iree_hal_binding_t direct_range(NativeCall& call) {
  iree_hal_binding_t range{};
  range.buffer = buffer_operand(call);
  range.offset = call.u64();
  return range;
}

// Checks a range with a buffer; OUT_OF_RANGE.
inline void resolve_range(const NativeCall& call, iree_hal_binding_t& range) {
  hal::check(hal::check_range(range.buffer->length, range.offset, &range.length, call.name));
}

inline void refuse_constant(const NativeCall& call, const iree_hal_buffer_t* buffer) {
  if (buffer && buffer->usage & IREE_HAL_USAGE_CONSTANT) [[unlikely]] {
    throw hal::Error(hal::make_status(IREE_HAL_INVALID_ARGUMENT,
                                      "%s: would write to a constant buffer", call.name));
  }
}

// `count` elements, on the stack if they are few.
template <typename T, size_t N>
class Few {
 public:
  explicit Few(size_t count) {
    if (count > N) {
      many_.resize(count);
      data_ = many_.data();
    }
  }
  Few(const Few&) = delete;
  Few& operator=(const Few&) = delete;
  T* data() { return data_; }

 private:
  T few_[N];
  std::vector<T> many_;
  T* data_ = few_;
};

using Bindings = Few<iree_hal_binding_t, 16>;

// Dimensions, the last operands of a call.
class Shape : public Few<int64_t, 8> {
 public:
  Shape(NativeCall& call, uint32_t rank) : Few(rank) {
    for (uint32_t i = 0; i < rank; ++i) data()[i] = call.i64();
  }
};

}  // namespace iree::vm::natives
#endif  // IREE_VM_HAL_OPERANDS_H_
