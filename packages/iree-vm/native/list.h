// Growable lists of mixed values and references, and the budget that bounds an invocation's memory.
#ifndef IREE_VM_LIST_H_
#define IREE_VM_LIST_H_

#include <atomic>
#include <mutex>

#include "ref.h"

namespace iree::vm {

class List;

// Counts the bytes an invocation uses for its stack and for the lists it made, which may outlive
// it.
struct Budget : Object<Budget> {
  explicit Budget(uint64_t limit) : limit(limit) {}
  // Throws RESOURCE_EXHAUSTED.
  void take(uint64_t bytes) {
    uint64_t before = used.fetch_add(bytes, std::memory_order_relaxed);
    if (before + bytes > limit || before + bytes < before) [[unlikely]] {
      used.fetch_sub(bytes, std::memory_order_relaxed);
      exhausted(bytes);
    }
  }
  void give(uint64_t bytes) { used.fetch_sub(bytes, std::memory_order_relaxed); }

  // Frees lists that only hold each other. Nobody may change the lists meanwhile.
  void collect_cycles();

  uint64_t limit;
  std::atomic<uint64_t> used{0};
  std::mutex mutex;       // guards:
  List* lists = nullptr;  // all that are charged to it

 private:
  [[noreturn, gnu::cold]] void exhausted(uint64_t bytes) const;
};

class List : public Object<List> {
 public:
  // Throws RESOURCE_EXHAUSTED.
  explicit List(hal::Ref<Budget> budget);
  List(const List&) = delete;
  List& operator=(const List&) = delete;
  ~List();

  uint64_t size() const { return size_; }
  // Throw RESOURCE_EXHAUSTED.
  void reserve(uint64_t capacity);
  void resize(uint64_t size);

  // `type`: 0 to 3, i32 to f64. Throw OUT_OF_RANGE, and INVALID_ARGUMENT if the slot is of another
  // type.
  Value get(uint64_t index, int type) const;
  void set(uint64_t index, int type, Value value);
  Ref get_ref(uint64_t index) const;
  void set_ref(uint64_t index, Ref ref);

 private:
  friend struct Budget;
  // A value's tag is its type; a reference's is kRefTag + its RefType; kRefTag alone is null.
  static constexpr uint32_t kRefTag = 16;
  struct Slot {
    uint32_t tag = kRefTag;
    union {
      Value value;
      void* object;
    };
  };
  Slot& at(uint64_t index) const;
  static void drop(Slot& slot);
  static void destroy(void* self);

  hal::Ref<Budget> budget_;
  Slot* slots_ = nullptr;
  uint64_t size_ = 0;
  uint64_t capacity_ = 0;
  List* next_dying_ = nullptr;
  List *previous_ = nullptr, *next_ = nullptr;  // of the budget's
  int64_t inner_references_ = 0;  // while cycles are looked for: by lists of the same budget
};

}  // namespace iree::vm
#endif  // IREE_VM_LIST_H_
