// What dispatches need again and again: layouts, blocks of constants, bind groups.
#pragma once

#include <map>
#include <unordered_map>
#include <vector>

#include "memory.h"

namespace iree::hal_webgpu {

// A range of Dawn's buffer at a binding.
struct BoundRange {
  WGPUBuffer buffer;
  uint64_t id;  // of its memory
  uint64_t offset, size;
};

// All functions need the device's gate.
class Caches {
 public:
  explicit Caches(Device* device) : device_(device) {}
  // Before the device goes.
  void release_layouts();
  Caches(const Caches&) = delete;

  // For storage buffers at 0 .. storage_count-1, then a uniform buffer if there is one.
  struct Layout {
    WGPUBindGroupLayout group = nullptr;
    WGPUPipelineLayout pipeline = nullptr;
  };
  const Layout& layout(uint32_t storage_count, bool has_uniform);

  // A uniform buffer's range that holds the words, then zeros to a multiple of 16 bytes.
  iree_hal_status_t constants(const uint32_t* words, size_t count, BoundRange* out);
  // Of a layout made here; the caller does not own it.
  WGPUBindGroup bind_group(WGPUBindGroupLayout layout, const BoundRange* ranges, size_t count);

  // The memory with that id goes away.
  void forget(uint64_t id);
  // Lets go of everything but the layouts.
  void clear();

 private:
  using Key = std::vector<uint64_t>;
  struct Hash {
    size_t operator()(const Key& key) const {
      uint64_t hash = 0xcbf29ce484222325u;
      for (uint64_t word : key) hash = (hash ^ word) * 0x100000001b3u ^ hash >> 29;
      return hash;
    }
  };

  void release_groups();

  Device* device_;
  std::map<std::pair<uint32_t, bool>, Layout> layouts_;
  std::unordered_map<Key, WGPUBindGroup, Hash> groups_;
  std::unordered_map<Key, BoundRange, Hash> blocks_;
  std::vector<Memory> arenas_;
  uint64_t arena_used_ = 0;
};

}  // namespace iree::hal_webgpu
