#include "list.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace iree::vm {

void Budget::exhausted(uint64_t bytes) const {
  throw hal::Error(hal::make_status(
      IREE_HAL_RESOURCE_EXHAUSTED,
      "memory bound of the invocation reached: %llu bytes more than the limit of %llu",
      (unsigned long long)bytes, (unsigned long long)limit));
}

namespace {
constexpr uint64_t kListBytes = sizeof(List) + 32;  // with the allocator's share
}

List::List(hal::Ref<Budget> budget) : budget_(std::move(budget)) {
  budget_->take(kListBytes);
  object.destroy = &List::destroy;
  std::lock_guard lock(budget_->mutex);
  next_ = budget_->lists;
  if (next_) next_->previous_ = this;
  budget_->lists = this;
}

// Lists can be nested as deeply as memory allows: they are freed one after the other, not within
// each other.
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
  {
    std::lock_guard lock(budget_->mutex);
    (previous_ ? previous_->next_ : budget_->lists) = next_;
    if (next_) next_->previous_ = previous_;
  }
  for (uint64_t i = 0; i < size_; ++i) drop(slots_[i]);
  free(slots_);
  budget_->give(capacity_ * sizeof(Slot) + kListBytes);
}

// Trial deletion: a list with more references than lists of this budget hold on it is in use from
// outside, and so is what it reaches; the rest is garbage.
void Budget::collect_cycles() {
  std::vector<List*> pending;
  std::vector<hal::Ref<List>> garbage;
  {
    std::lock_guard lock(mutex);
    auto each_inner = [this](List* list, auto visit) {
      for (uint64_t i = 0; i < list->size_; ++i) {
        if (list->slots_[i].tag != List::kRefTag + static_cast<uint32_t>(RefType::kList)) continue;
        auto* inner = static_cast<List*>(list->slots_[i].object);
        if (inner->budget_.get() == this) visit(inner);
      }
    };
    for (List* list = lists; list; list = list->next_) list->inner_references_ = 0;
    for (List* list = lists; list; list = list->next_)
      each_inner(list, [](List* l) { ++l->inner_references_; });
    constexpr int64_t kInUse = -1;
    auto use = [&](List* list) {
      if (list->inner_references_ == kInUse) return;
      list->inner_references_ = kInUse;
      pending.push_back(list);
    };
    for (List* list = lists; list; list = list->next_) {
      if (__atomic_load_n(&list->object.reference_count, __ATOMIC_ACQUIRE) >
          list->inner_references_)
        use(list);
    }
    while (!pending.empty()) {
      List* list = pending.back();
      pending.pop_back();
      each_inner(list, use);
    }
    for (List* list = lists; list; list = list->next_) {
      if (list->inner_references_ != kInUse) garbage.push_back(hal::Ref<List>::retain(list));
    }
  }
  for (const hal::Ref<List>& list : garbage) list->resize(0);
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
  // Shrink before dropping: what is dropped may be the last reference to something that looks at
  // this list.
  uint64_t before = size_;
  size_ = size;
  for (uint64_t i = size; i < before; ++i) drop(slots_[i]);
}

List::Slot& List::at(uint64_t index) const {
  if (index >= size_) [[unlikely]] {
    throw hal::Error(hal::make_status(IREE_HAL_OUT_OF_RANGE,
                                      "list index %lld is out of bounds: the list has %llu slots",
                                      (long long)index, (unsigned long long)size_));
  }
  return slots_[index];
}

Value List::get(uint64_t index, int type) const {
  const Slot& slot = at(index);
  if (slot.tag != static_cast<uint32_t>(type)) [[unlikely]] {
    throw hal::Error(hal::make_status(IREE_HAL_INVALID_ARGUMENT,
                                      "list slot %llu does not hold a value of this type",
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
    throw hal::Error(hal::make_status(IREE_HAL_INVALID_ARGUMENT,
                                      "list slot %llu holds a value, not a reference",
                                      (unsigned long long)index));
  }
  return slot.tag == kRefTag ? Ref()
                             : Ref::retain(static_cast<RefType>(slot.tag - kRefTag), slot.object);
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
