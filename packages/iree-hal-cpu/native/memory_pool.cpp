#include "memory_pool.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace iree::hal_cpu {
namespace {

constexpr uint64_t kHugePage = 2u << 20;

void* allocate_fresh(uint64_t size) {
  if (size < kHugePage) return aligned_alloc(64, size);
  uint64_t rounded = (size + kHugePage - 1) & ~(kHugePage - 1);
  void* block = aligned_alloc(kHugePage, rounded);
  // Advice: what it answers does not matter.
  if (block) (void)madvise(block, rounded, MADV_HUGEPAGE);
  return block;
}

}  // namespace

MemoryPool& MemoryPool::get() {
  // Never destroyed: worker threads may outlive static destructors.
  alignas(MemoryPool) static char storage[sizeof(MemoryPool)];
  static MemoryPool* pool = new (storage) MemoryPool();
  return *pool;
}

MemoryPool::MemoryPool() {
  uint64_t total =
      static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  limit_ = total / 16 < (1ull << 30) ? total / 16 : 1ull << 30;
}

unsigned MemoryPool::class_of(uint64_t size) {
  if (size <= 64) return 0;
  // The doubling that `size` is in, and which quarter of it, rounded up.
  auto shift = 63u - static_cast<unsigned>(__builtin_clzll(size - 1));
  auto quarter = static_cast<unsigned>((size - 1 - (1ull << shift)) >> (shift - 2));
  return (shift - kMinShift) * 4 + quarter + 1;
}

uint64_t MemoryPool::class_size(unsigned index) {
  if (index == 0) return 64;
  unsigned shift = (index - 1) / 4 + kMinShift, quarter = (index - 1) % 4;
  uint64_t size = (1ull << shift) + (uint64_t{quarter} + 1) * (1ull << (shift - 2));
  return (size + 63) & ~uint64_t{63};
}

void* MemoryPool::allocate(uint64_t size) {
  if (size > UINT64_MAX / 2) return nullptr;  // rounding up does not overflow
  if (size > 1ull << kMaxShift) return allocate_trimming((size + 63) & ~uint64_t{63});
  unsigned index = class_of(size);
  Class& c = classes_[index];
  {
    std::lock_guard lock(c.mutex);
    if (void* block = c.head) {
      memcpy(&c.head, block, sizeof(void*));
      cached_.fetch_sub(class_size(index), std::memory_order_relaxed);
      return block;
    }
  }
  return allocate_trimming(class_size(index));
}

void* MemoryPool::allocate_trimming(uint64_t size) {
  void* block = allocate_fresh(size);
  if (block || !cached()) return block;
  trim();
  return allocate_fresh(size);
}

void MemoryPool::deallocate(void* block, uint64_t size) {
  if (!block) return;
  if (size > 1ull << kMaxShift) return free(block);
  unsigned index = class_of(size);
  uint64_t kept = class_size(index);
  if (cached_.fetch_add(kept, std::memory_order_relaxed) + kept > limit_) {
    cached_.fetch_sub(kept, std::memory_order_relaxed);
    return free(block);
  }
  Class& c = classes_[index];
  std::lock_guard lock(c.mutex);
  memcpy(block, &c.head, sizeof(void*));
  c.head = block;
}

void MemoryPool::trim() {
  for (unsigned i = 0; i < kClasses; ++i) {
    void* block;
    {
      std::lock_guard lock(classes_[i].mutex);
      block = classes_[i].head;
      classes_[i].head = nullptr;
    }
    while (block) {
      void* next;
      memcpy(&next, block, sizeof(void*));
      free(block);
      cached_.fetch_sub(class_size(i), std::memory_order_relaxed);
      block = next;
    }
  }
}

void MemoryPool::lock_all() {
  for (Class& c : classes_) c.mutex.lock();
}

void MemoryPool::unlock_all() {
  for (Class& c : classes_) c.mutex.unlock();
}

}  // namespace iree::hal_cpu
