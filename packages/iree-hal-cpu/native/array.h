// A growable array of trivially copyable elements whose growth can fail: the driver is built
// without exceptions and turns exhausted memory into a status.
#ifndef IREE_HAL_CPU_ARRAY_H_
#define IREE_HAL_CPU_ARRAY_H_

#include <stdlib.h>
#include <string.h>

#include <type_traits>
#include <utility>

namespace iree::hal_cpu {

template <typename T>
class Array {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Array() = default;
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;
  Array(Array&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Array& operator=(Array&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~Array() { free(data_); }

  // False, with nothing changed, if there is no memory.
  [[nodiscard]] bool append(const T& value) {
    T copy = value;  // `value` may lie in the array
    if (!reserve(size_ + 1)) return false;
    data_[size_++] = copy;
    return true;
  }
  // New elements are zero bytes.
  [[nodiscard]] bool resize(size_t size) {
    if (!reserve(size)) return false;
    if (size > size_) memset(static_cast<void*>(data_ + size_), 0, (size - size_) * sizeof(T));
    size_ = size;
    return true;
  }
  [[nodiscard]] bool reserve(size_t capacity) {
    if (capacity <= capacity_) return true;
    size_t grown = capacity_ * 2 < 16 ? 16 : capacity_ * 2;
    if (grown < capacity) grown = capacity;
    size_t bytes;
    if (__builtin_mul_overflow(grown, sizeof(T), &bytes)) return false;
    void* data = realloc(static_cast<void*>(data_), bytes);
    if (!data) return false;
    data_ = static_cast<T*>(data);
    capacity_ = grown;
    return true;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  T& back() { return data_[size_ - 1]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_ARRAY_H_
