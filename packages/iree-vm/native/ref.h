// References to objects, tagged with what they are.
#ifndef IREE_VM_REF_H_
#define IREE_VM_REF_H_

#include <cstdint>
#include <utility>

#include "iree/hal.hpp"

namespace iree::vm {

enum class RefType : uint32_t {
  kNull,
  kList,
  kBuffer,
  kDevice,
  kHalBuffer,
  kView,
  kCommandBuffer,
  kExecutable,
  kFence,
};

// In the order of RefType; the names that globals are declared with.
inline constexpr const char* kRefTypeNames[] = {
    "null",       "vm.list",  "vm.buffer",          "hal.device",
    "hal.buffer", "hal.view", "hal.command_buffer", "hal.executable",
    "hal.fence",
};

inline const char* name_of(RefType type) { return kRefTypeNames[static_cast<uint32_t>(type)]; }

// One counted reference to a HAL object or an object of the VM's own (which start with the same
// header), or null. All zero bytes are null.
class Ref {
 public:
  Ref() = default;
  static Ref adopt(RefType type, void* object) {
    Ref ref;
    ref.object_ = object;
    ref.type_ = object ? type : RefType::kNull;
    return ref;
  }
  static Ref retain(RefType type, void* object) {
    if (object) iree_hal_retain(object);
    return adopt(type, object);
  }
  Ref(const Ref& other) : object_(other.object_), type_(other.type_) {
    if (object_) iree_hal_retain(object_);
  }
  Ref(Ref&& other) noexcept
      : object_(std::exchange(other.object_, nullptr)),
        type_(std::exchange(other.type_, RefType::kNull)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    std::swap(type_, other.type_);
    return *this;
  }
  ~Ref() {
    if (object_) iree_hal_release(object_);
  }

  void* object() const { return object_; }
  RefType type() const { return type_; }
  explicit operator bool() const { return object_ != nullptr; }
  template <typename T>
  T* as() const {
    return static_cast<T*>(object_);
  }

 private:
  void* object_ = nullptr;
  RefType type_ = RefType::kNull;
};

// First base of the VM's own reference-counted classes.
template <typename T>
struct Object {
  iree_hal_object_t object = {
      1, 0, [](void* self) { delete static_cast<T*>(static_cast<Object*>(self)); }};
};

// One slot of the value bank; the verifier knows which member is meant.
union Value {
  int32_t i32;
  uint32_t u32;
  int64_t i64;
  uint64_t u64;
  float f32;
  double f64;
};
static_assert(sizeof(Value) == 8);

}  // namespace iree::vm
#endif  // IREE_VM_REF_H_
