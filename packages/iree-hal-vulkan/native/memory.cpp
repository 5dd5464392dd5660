#include "memory.h"

#include <algorithm>

#include "device.h"

namespace iree::hal_vulkan {
namespace {

constexpr uint64_t kFirstBlock = 16ull << 20;
constexpr uint64_t kLargestBlock = 256ull << 20;
// Empty blocks that are kept, so that a program that allocates the same sizes again asks Vulkan
// only once.
constexpr uint64_t kKeep = 1ull << 30;
constexpr VkBufferUsageFlags kUsage =
    VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT |
    VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;

}  // namespace

void Allocator::close() {
  for (auto& block : blocks_) release(block.get());
  blocks_.clear();
}

void Allocator::release(Block* block) {
  if (!Device::is_usable()) return;
  const DeviceApi& api = device_.api;
  if (block->buffer) api.vkDestroyBuffer(device_.handle, block->buffer, nullptr);
  if (block->memory) {
    api.vkFreeMemory(device_.handle, block->memory, nullptr);
    reserved_.fetch_sub(block->size, std::memory_order_relaxed);
  }
  block->buffer = nullptr;
  block->memory = nullptr;
}

std::unique_ptr<Block> Allocator::make_block(uint32_t type, uint64_t size) {
  const DeviceApi& api = device_.api;
  auto block = std::make_unique<Block>();
  block->id = next_id_.fetch_add(1);
  block->size = size;
  block->type = type;
  VkBufferCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO, .size = size, .usage = kUsage};
  try {
    check_vk(api.vkCreateBuffer(device_.handle, &info, nullptr, &block->buffer), "vkCreateBuffer");
    VkMemoryRequirements needs;
    api.vkGetBufferMemoryRequirements(device_.handle, block->buffer, &needs);
    if (!(needs.memoryTypeBits >> type & 1)) {
      raise(IREE_HAL_INTERNAL, "memory type %u cannot hold storage buffers", type);
    }
    VkMemoryAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                     .allocationSize = needs.size,
                                     .memoryTypeIndex = type};
    check_vk(api.vkAllocateMemory(device_.handle, &allocate, nullptr, &block->memory),
             "vkAllocateMemory");
    reserved_.fetch_add(size, std::memory_order_relaxed);
    check_vk(api.vkBindBufferMemory(device_.handle, block->buffer, block->memory, 0),
             "vkBindBufferMemory");
    if (device_.adapter.memory.memoryTypes[type].propertyFlags &
        VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) {
      void* data = nullptr;
      check_vk(api.vkMapMemory(device_.handle, block->memory, 0, kWholeSize, 0, &data),
               "vkMapMemory");
      block->mapped = static_cast<uint8_t*>(data);
    }
  } catch (...) {
    release(block.get());
    throw;
  }
  block->free[0] = size;
  block->free_bytes = size;
  return block;
}

std::unique_ptr<Block> Allocator::import(void* data, uint64_t size) {
  const DeviceApi& api = device_.api;
  VkMemoryHostPointerPropertiesEXT properties = {
      .sType = VK_STRUCTURE_TYPE_MEMORY_HOST_POINTER_PROPERTIES_EXT};
  constexpr auto kHandle = VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT;
  check_vk(api.vkGetMemoryHostPointerPropertiesEXT(device_.handle, kHandle, data, &properties),
           "vkGetMemoryHostPointerPropertiesEXT");
  auto block = std::make_unique<Block>();
  block->id = next_id_.fetch_add(1);
  block->size = size;
  VkExternalMemoryBufferCreateInfo external = {
      .sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_BUFFER_CREATE_INFO, .handleTypes = kHandle};
  VkBufferCreateInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
                             .pNext = &external,
                             .size = size,
                             .usage = kUsage};
  try {
    check_vk(api.vkCreateBuffer(device_.handle, &info, nullptr, &block->buffer), "vkCreateBuffer");
    VkMemoryRequirements needs;
    api.vkGetBufferMemoryRequirements(device_.handle, block->buffer, &needs);
    const uint32_t types = needs.memoryTypeBits & properties.memoryTypeBits;
    if (!types || needs.size > size) {
      raise(IREE_HAL_UNIMPLEMENTED, "the device has no memory type for this host memory");
    }
    block->type = static_cast<uint32_t>(__builtin_ctz(types));
    VkImportMemoryHostPointerInfoEXT import = {
        .sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_HOST_POINTER_INFO_EXT,
        .handleType = kHandle,
        .pHostPointer = data};
    VkMemoryAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                     .pNext = &import,
                                     .allocationSize = size,
                                     .memoryTypeIndex = block->type};
    check_vk(api.vkAllocateMemory(device_.handle, &allocate, nullptr, &block->memory),
             "vkAllocateMemory");
    reserved_.fetch_add(size, std::memory_order_relaxed);
    check_vk(api.vkBindBufferMemory(device_.handle, block->buffer, block->memory, 0),
             "vkBindBufferMemory");
  } catch (...) {
    release(block.get());
    throw;
  }
  block->mapped = static_cast<uint8_t*>(data);
  return block;
}

bool Allocator::take(Block* block, uint64_t size, Allocation* out) {
  if (block->free_bytes < size) return false;
  // The smallest range that is large enough.
  auto best = block->free.end();
  for (auto range = block->free.begin(); range != block->free.end(); ++range) {
    if (range->second >= size && (best == block->free.end() || range->second < best->second)) {
      best = range;
      if (range->second == size) break;
    }
  }
  if (best == block->free.end()) return false;
  *out = {block, best->first, size};
  const uint64_t rest = best->second - size;
  if (rest) block->free[best->first + size] = rest;
  block->free.erase(out->offset);
  block->free_bytes -= size;
  return true;
}

Allocation Allocator::allocate(uint32_t type, uint64_t size) {
  constexpr uint64_t kLimit = 1ull << 62;
  if (size > kLimit) {
    raise(IREE_HAL_RESOURCE_EXHAUSTED, "no memory for a buffer of %llu bytes",
          (unsigned long long)size);
  }
  size = align_up(size ? size : 1, IREE_HAL_BINDING_ALIGNMENT);
  std::lock_guard lock(mutex_);
  Allocation allocation;
  uint64_t total = 0;
  for (auto& block : blocks_) {
    if (block->type != type) continue;
    if (take(block.get(), size, &allocation)) return allocation;
    total += block->size;
  }
  const uint64_t largest = std::min(device_.adapter.properties11.maxMemoryAllocationSize,
                                    device_.adapter.properties13.maxBufferSize);
  if (size > largest) {
    raise(IREE_HAL_RESOURCE_EXHAUSTED,
          "no memory for a buffer of %llu bytes: the device allocates %llu at most at once",
          (unsigned long long)size, (unsigned long long)largest);
  }
  // As much again as there is, so that there are few blocks.
  uint64_t block_size = std::max(size, std::clamp(total, kFirstBlock, kLargestBlock));
  block_size =
      std::min(block_size, largest / IREE_HAL_BINDING_ALIGNMENT * IREE_HAL_BINDING_ALIGNMENT);
  std::unique_ptr<Block> block;
  try {
    block = make_block(type, block_size);
  } catch (const hal::Error& error) {
    if (error.code() != IREE_HAL_RESOURCE_EXHAUSTED) throw;
    trim(0);
    try {
      block = make_block(type, size);
    } catch (const hal::Error& again) {
      raise(again.code(), "no memory for a buffer of %llu bytes (%s; %llu bytes are taken already)",
            (unsigned long long)size, again.what(), (unsigned long long)reserved());
    }
  }
  blocks_.push_back(std::move(block));
  take(blocks_.back().get(), size, &allocation);
  return allocation;
}

void Allocator::free(const Allocation& allocation) {
  std::lock_guard lock(mutex_);
  Block& block = *allocation.block;
  uint64_t offset = allocation.offset, size = allocation.size;
  block.free_bytes += size;
  auto after = block.free.lower_bound(offset);
  if (after != block.free.end() && after->first == offset + size) {
    size += after->second;
    after = block.free.erase(after);
  }
  if (after != block.free.begin()) {
    auto before = std::prev(after);
    if (before->first + before->second == offset) {
      before->second += size;
      size = 0;
    }
  }
  if (size) block.free[offset] = size;
  if (block.free_bytes == block.size) trim(kKeep);
}

void Allocator::trim(uint64_t keep) {
  uint64_t kept = 0;
  std::erase_if(blocks_, [&](std::unique_ptr<Block>& block) {
    if (block->free_bytes != block->size) return false;
    if (kept + block->size <= keep) {
      kept += block->size;
      return false;
    }
    release(block.get());
    return true;
  });
}

}  // namespace iree::hal_vulkan
