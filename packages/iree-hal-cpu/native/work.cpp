#include "work.h"

#include "memory_pool.h"

namespace iree::hal_cpu {
namespace {

// A transfer of one block is some ten microseconds.
constexpr uint64_t kBlock = 128 * 1024;
// Beyond this many, blocks grow.
constexpr uint64_t kMaxBlocks = Work::kMaxTransferUnits - 1;

uint64_t block_size(uint64_t length) {
  if (length <= kBlock * kMaxBlocks) return kBlock;
  return (length / kMaxBlocks / kBlock + 1) * kBlock;
}

void fill_range(uint8_t* target, uint64_t length, uint64_t pattern) {
  auto byte = static_cast<uint8_t>(pattern);
  if (pattern == byte * 0x0101010101010101ull) {
    memset(target, byte, length);
    return;
  }
  uint64_t i = 0;
  for (; i + 8 <= length; i += 8) memcpy(target + i, &pattern, 8);
  if (i < length) memcpy(target + i, &pattern, length - i);
}

iree_hal_status_t run_dispatch(const Entry& entry, const iree_cpu_dispatch_t& dispatch,
                               uint32_t begin, uint32_t end, Worker* worker) {
  iree_cpu_workgroup_t group;
  group.worker = worker->index();
  group.local_memory = nullptr;
  if (entry.local_memory) {
    group.local_memory = worker->scratch(entry.local_memory);
    if (!group.local_memory) [[unlikely]] {
      return hal::make_status(IREE_HAL_RESOURCE_EXHAUSTED,
                              "no memory for the %u bytes of scratch that kernel '%.*s' needs",
                              entry.local_memory, static_cast<int>(entry.name.size),
                              entry.name.data);
    }
  }
  const uint32_t nx = dispatch.workgroup_count[0], ny = dispatch.workgroup_count[1];
  uint32_t row = begin ? begin / nx : 0;
  group.id[0] = begin ? begin % nx : 0;
  group.id[1] = row ? row % ny : 0;
  group.id[2] = row ? row / ny : 0;
  for (uint32_t unit = begin;;) {
    if (int32_t code = entry.kernel(&dispatch, &group)) [[unlikely]] {
      return hal::make_status(IREE_HAL_INTERNAL,
                              "kernel '%.*s' failed with code %d in workgroup (%u, %u, %u)",
                              static_cast<int>(entry.name.size), entry.name.data, code, group.id[0],
                              group.id[1], group.id[2]);
    }
    if (++unit == end) return nullptr;
    if (++group.id[0] == nx) {
      group.id[0] = 0;
      if (++group.id[1] == ny) {
        group.id[1] = 0;
        ++group.id[2];
      }
    }
  }
}

}  // namespace

Worker::~Worker() { MemoryPool::get().deallocate(scratch_, scratch_size_); }

void* Worker::scratch(uint32_t size) {
  if (size <= scratch_size_) return scratch_;
  void* grown = MemoryPool::get().allocate(size);
  if (!grown) return nullptr;
  MemoryPool::get().deallocate(scratch_, scratch_size_);
  scratch_ = grown;
  scratch_size_ = size;
  return scratch_;
}

Work Work::fill(uint8_t* target, uint64_t length, const void* pattern, uint32_t pattern_size) {
  Work work;
  work.kind = kFill;
  work.transfer.pattern = 0;
  auto* bytes = reinterpret_cast<uint8_t*>(&work.transfer.pattern);
  for (unsigned i = 0; i < 8; i += pattern_size) memcpy(bytes + i, pattern, pattern_size);
  work.set_transfer(target, nullptr, length);
  return work;
}

Work Work::copy(const uint8_t* source, uint8_t* target, uint64_t length) {
  Work work;
  work.kind = kCopy;
  work.transfer.pattern = 0;
  work.set_transfer(target, source, length);
  return work;
}

void Work::set_transfer(uint8_t* target, const uint8_t* source, uint64_t length) {
  transfer.target = target;
  transfer.source = source;
  transfer.length = length;
  uint64_t block = block_size(length);
  unit_count = static_cast<uint32_t>(length / block + (length % block != 0));
}

uint32_t Work::cost() const {
  if (kind == kDispatch) return dispatch.entry->cost.load(std::memory_order_relaxed);
  // About 10 bytes a tick.
  uint64_t block = block_size(transfer.length);
  uint64_t bytes = transfer.length < block ? transfer.length : block;
  return static_cast<uint32_t>(bytes * 16 / 10 + 1);
}

void Work::learn(uint64_t measured) const {
  if (kind != kDispatch) return;
  uint32_t cost = measured < UINT32_MAX ? static_cast<uint32_t>(measured) : UINT32_MAX;
  std::atomic<uint32_t>& known = dispatch.entry->cost;
  uint32_t old = known.load(std::memory_order_relaxed);
  if (!cost) cost = 1;
  // Small changes are not worth a write to a shared line.
  uint32_t difference = cost > old ? cost - old : old - cost;
  if (difference <= old / 4) return;
  known.store(old ? old - old / 4 + cost / 4 + 1 : cost, std::memory_order_relaxed);
}

iree_hal_status_t Work::run(uint32_t begin, uint32_t end, Worker* worker) const {
  if (kind == kDispatch)
    return run_dispatch(*dispatch.entry, dispatch.arguments, begin, end, worker);
  uint64_t block = block_size(transfer.length);
  uint64_t from = begin * block, to = end * block;
  if (to > transfer.length) to = transfer.length;
  if (kind == kFill) {
    fill_range(transfer.target + from, to - from, transfer.pattern);
  } else {
    memcpy(transfer.target + from, transfer.source + from, to - from);
  }
  return nullptr;
}

}  // namespace iree::hal_cpu
