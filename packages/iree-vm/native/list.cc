#include "list.h"

#include <algorithm>
#include <cstdlib>

namespace iree::vm {

void Budget::exhausted(uint64_t bytes) const {
  throw hal::Error(hal::make_status(IREE_HAL_RESOURCE_EXHAUSTED,
                                    "memory bound of the invocation reached: %llu bytes more than the limit of %llu",
                                    (unsigned long long)bytes, (unsigned long long)limit));
}

namespace {
constexpr uint64_t kListBytes = sizeof(List) + 32;  // with the allocator's share
}

List::List(hal::Ref<Budget> budget) : budget_(std::move(budget)) {
  budget_->take(kListBytes);
  object.destroy = &List::destroy;
}

// Lists can be nested as deeply as memory allows: they are freed one after the other, not within each other.
void List::destroy(void* self) {
  thread_local List* dying = nullptr;
  thread_local bool active = false;
  auto* list = static_cast<List*>(static_cast<Object<List>*>(self));
  list->next_dying_ = dying;
  dying = list;
  if (active) return;
  active = true;
  while (dying) delete std::exchange(dying, dying->next_dying_);
  active = false;
}

List::~List() {
  for (uint64_t i = 0; i < size_; ++i) drop(slots_[i]);
  free(slots_);
  budget_->give(capacity_ * sizeof(Slot) + kListBytes);
}

void List::drop(Slot& slot) {
  if (slot.tag > kRefTag) iree_hal_release(slot.object);
}

void List::reserve(uint64_t capacity) {
  if (capacity <= capacity_) return;
  uint64_t bytes;
  if (__builtin_mul_overflow(capacity, sizeof(Slot), &bytes)) bytes = UINT64_MAX / 2;
  uint64_t more = bytes - capacity_ * sizeof(Slot);
  budget_->take(more);
  auto* grown = static_cast<Slot*>(realloc(static_cast<void*>(slots_), bytes));
  if (!grown) {
    budget_->give(more);
    throw hal::Error(hal::out_of_memory());
  }
  slots_ = grown;
  capacity_ = capacity;
}

void List::resize(uint64_t size) {
  if (size > capacity_) reserve(std::max(size, std::min(capacity_ * 2, size * 2)));
  for (uint64_t i = size_; i < size; ++i) new (&slots_[i]) Slot();
  // Shrink before dropping: what is dropped may be the last reference to something that looks at this list.
  uint64_t before = size_;
  size_ = size;
  for (uint64_t i = size; i < before; ++i) drop(slots_[i]);
}

List::Slot& List::at(uint64_t index) const {
  if (index >= size_) [[unlikely]] {
    throw hal::Error(hal::make_status(IREE_HAL_OUT_OF_RANGE, "list index %lld is out of bounds: the list has %llu slots",
                                      (long long)index, (unsigned long long)size_));
  }
  return slots_[index];
}

Value List::get(uint64_t index, int type) const {
  const Slot& slot = at(index);
  if (slot.tag != static_cast<uint32_t>(type)) [[unlikely]] {
    throw hal::Error(hal::make_status(IREE_HAL_INVALID_ARGUMENT, "list slot %llu does not hold a value of this type",
                                      (unsigned long long)index));
  }
  return slot.value;
}

void List::set(uint64_t index, int type, Value value) {
  Slot& slot = at(index);
  Slot before = slot;
  slot.tag = static_cast<uint32_t>(type);
  slot.value = value;
  drop(before);
}

Ref List::get_ref(uint64_t index) const {
  const Slot& slot = at(index);
  if (slot.tag < kRefTag) [[unlikely]] {
    throw hal::Error(hal::make_status(IREE_HAL_INVALID_ARGUMENT, "list slot %llu holds a value, not a reference",
                                      (unsigned long long)index));
  }
  return slot.tag == kRefTag ? Ref() : Ref::retain(static_cast<RefType>(slot.tag - kRefTag), slot.object);
}

void List::set_ref(uint64_t index, Ref ref) {
  Slot& slot = at(index);
  Slot before = slot;
  slot.tag = kRefTag + static_cast<uint32_t>(ref.type());
  slot.object = ref.object();
  if (slot.object) iree_hal_retain(slot.object);
  drop(before);
}

}  // namespace iree::vm
