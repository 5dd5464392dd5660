#include "recording.h"

#include <algorithm>

#include "device.h"
#include "executable.h"

namespace iree::hal_vulkan {
namespace {

constexpr VkPipelineStageFlags2 kStages =
    VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT;
constexpr VkAccessFlags2 kReads =
    VK_ACCESS_2_SHADER_READ_BIT | VK_ACCESS_2_UNIFORM_READ_BIT | VK_ACCESS_2_TRANSFER_READ_BIT;
constexpr VkAccessFlags2 kWrites = VK_ACCESS_2_SHADER_WRITE_BIT | VK_ACCESS_2_TRANSFER_WRITE_BIT;
// Timestamps a recording has room for.
constexpr uint32_t kTimers = 8192;

void emit_barrier(const Device& device, VkCommandBuffer commands, VkPipelineStageFlags2 stages,
                  VkAccessFlags2 access) {
  VkMemoryBarrier2 barrier = {.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER_2,
                              .srcStageMask = kStages,
                              .srcAccessMask = kWrites,
                              .dstStageMask = stages,
                              .dstAccessMask = access};
  VkDependencyInfo info = {.sType = VK_STRUCTURE_TYPE_DEPENDENCY_INFO,
                           .memoryBarrierCount = 1,
                           .pMemoryBarriers = &barrier};
  device.api.vkCmdPipelineBarrier2(commands, &info);
}

}  // namespace

void CommandPools::close() {
  for (CommandPool& pool : free_)
    device_.api.vkDestroyCommandPool(device_.handle, pool.pool, nullptr);
  free_.clear();
}

CommandPool CommandPools::take() {
  {
    std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      CommandPool pool = free_.back();
      free_.pop_back();
      return pool;
    }
  }
  CommandPool pool;
  VkCommandPoolCreateInfo info = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                  .queueFamilyIndex = device_.adapter.queue_family};
  check_vk(device_.api.vkCreateCommandPool(device_.handle, &info, nullptr, &pool.pool),
           "vkCreateCommandPool");
  VkCommandBufferAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                          .commandPool = pool.pool,
                                          .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                          .commandBufferCount = 1};
  VkResult result = device_.api.vkAllocateCommandBuffers(device_.handle, &allocate, &pool.commands);
  if (result != VK_SUCCESS) device_.api.vkDestroyCommandPool(device_.handle, pool.pool, nullptr);
  check_vk(result, "vkAllocateCommandBuffers");
  return pool;
}

void CommandPools::give_back(CommandPool pool) {
  if (device_.api.vkResetCommandPool(device_.handle, pool.pool, 0) == VK_SUCCESS) {
    std::lock_guard lock(mutex_);
    free_.push_back(pool);
  } else {
    device_.api.vkDestroyCommandPool(device_.handle, pool.pool, nullptr);
  }
}

Recording::Recording(Device& device) : device_(device), pool_(device.command_pools.take()) {
  VkCommandBufferBeginInfo begin = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
                                    .flags = VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT};
  VkResult result = device.api.vkBeginCommandBuffer(pool_.commands, &begin);
  if (result != VK_SUCCESS) device.command_pools.give_back(pool_);
  check_vk(result, "vkBeginCommandBuffer");
  emit_barrier(device, pool_.commands, kStages, kReads | kWrites);
  if (!device.profile()) return;
  VkQueryPoolCreateInfo info = {.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
                                .queryType = VK_QUERY_TYPE_TIMESTAMP,
                                .queryCount = kTimers};
  if (device.api.vkCreateQueryPool(device.handle, &info, nullptr, &timers_) != VK_SUCCESS)
    timers_ = nullptr;
  if (timers_) device.api.vkCmdResetQueryPool(pool_.commands, timers_, 0, kTimers);
}

Recording::~Recording() {
  if (!Device::is_usable()) return;
  if (timers_) device_.api.vkDestroyQueryPool(device_.handle, timers_, nullptr);
  device_.command_pools.give_back(pool_);
}

void Recording::barrier() {
  if (!empty_) barrier_due_ = true;
}

void Recording::before_command() {
  if (barrier_due_) emit_barrier(device_, pool_.commands, kStages, kReads | kWrites);
  barrier_due_ = false;
  empty_ = false;
}

Range Recording::scratch(uint64_t pattern, uint64_t size) {
  auto buffer = Buffer::create(
      &device_, {IREE_HAL_MEMORY_HOST_VISIBLE, IREE_HAL_USAGE_MAPPING | IREE_HAL_USAGE_TRANSFER},
      size);
  auto* bytes = static_cast<uint8_t*>(buffer->host_pointer);
  for (uint64_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(pattern >> i % 8 * 8);
  scratches_.push_back(buffer);
  return {Buffer::from(buffer.get()), 0, size};
}

void Recording::copy_regions(const Range& source, const Range& target, uint64_t chunk) {
  std::vector<VkBufferCopy> regions;
  for (uint64_t at = 0; at < target.length; at += chunk) {
    regions.push_back(
        {source.position(), target.position() + at, std::min(chunk, target.length - at)});
  }
  device_.api.vkCmdCopyBuffer(pool_.commands, source.handle(), target.handle(),
                              static_cast<uint32_t>(regions.size()), regions.data());
}

void Recording::fill(const Range& target, uint64_t pattern, uint32_t pattern_size) {
  if (target.length == 0) return;
  before_command();
  for (uint32_t bits = pattern_size * 8; bits < 64; bits *= 2) pattern |= pattern << bits;
  if (pattern >> 32 != (pattern & 0xFFFFFFFF)) {
    // vkCmdFillBuffer repeats 4 bytes only.
    const uint64_t chunk =
        std::clamp<uint64_t>(align_up(target.length / 1024, 4096), 4096, 1 << 20);
    return copy_regions(scratch(pattern, std::min(chunk, target.length)), target, chunk);
  }
  // It also wants them aligned: what sticks out is copied.
  const uint64_t end = target.offset + target.length;
  const uint64_t from = std::min(align_up(target.offset, 4), end);
  const uint64_t to = std::max(end / 4 * 4, from);
  if (to > from) {
    device_.api.vkCmdFillBuffer(pool_.commands, target.handle(), target.buffer->offset() + from,
                                to - from, static_cast<uint32_t>(pattern));
  }
  if (from == target.offset && to == end) return;
  const Range bytes = scratch(pattern, 8);
  if (from > target.offset)
    copy_regions(bytes, {target.buffer, target.offset, from - target.offset}, 8);
  if (end > to) copy_regions(bytes, {target.buffer, to, end - to}, 8);
}

void Recording::copy(const Range& source, const Range& target) {
  if (target.length == 0) return;
  before_command();
  copy_regions(source, target, target.length);
}

void Recording::dispatch(Executable& executable, uint32_t ordinal, const uint32_t groups[3],
                         const uint32_t* constants, const Range* uniform, const Range* bindings) {
  const Entry& entry = executable.entry(ordinal);
  const DeviceApi& api = device_.api;
  const uint32_t* limits = device_.adapter.properties.limits.maxComputeWorkGroupCount;
  before_command();
  const bool whole = groups[0] <= limits[0] && groups[1] <= limits[1] && groups[2] <= limits[2];
  VkPipeline pipeline = whole ? entry.pipeline : executable.part_pipeline(ordinal);
  if (pipeline != bound_)
    api.vkCmdBindPipeline(pool_.commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline);
  bound_ = pipeline;

  VkDescriptorBufferInfo infos[IREE_SPIRV_MAX_BINDINGS + 1];
  VkWriteDescriptorSet writes[IREE_SPIRV_MAX_BINDINGS + 1];
  uint32_t count = 0;
  auto write = [&](VkDescriptorType type, const VkDescriptorBufferInfo& info) {
    infos[count] = info;
    writes[count] = {.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
                     .dstBinding = count,
                     .descriptorCount = 1,
                     .descriptorType = type,
                     .pBufferInfo = &infos[count]};
    ++count;
  };
  for (uint32_t i = 0; i < entry.info.binding_count; ++i) {
    const Range& range = bindings[i];
    // No range may be empty; what an empty one is bound to is not touched.
    const uint64_t position = range.length ? range.position() : range.buffer->offset();
    write(VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
          {range.handle(), position, align_up(std::max<uint64_t>(range.length, 1), 16)});
  }
  if (uniform)
    write(VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER,
          {uniform->handle(), uniform->position(), uniform->length});
  if (count) {
    api.vkCmdPushDescriptorSetKHR(pool_.commands, VK_PIPELINE_BIND_POINT_COMPUTE,
                                  entry.layout.pipeline, 0, count, writes);
  }
  if (entry.info.constants == IREE_SPIRV_CONSTANTS_PUSH) {
    api.vkCmdPushConstants(pool_.commands, entry.layout.pipeline, VK_SHADER_STAGE_COMPUTE_BIT, 0,
                           entry.info.constant_count * 4, constants);
  }
  start_timer(executable, ordinal, groups);
  if (whole) {
    api.vkCmdDispatch(pool_.commands, groups[0], groups[1], groups[2]);
  } else {
    for (uint64_t z = 0; z < groups[2]; z += limits[2]) {
      for (uint64_t y = 0; y < groups[1]; y += limits[1]) {
        for (uint64_t x = 0; x < groups[0]; x += limits[0]) {
          auto part = [&](int i, uint64_t base) {
            return static_cast<uint32_t>(std::min<uint64_t>(limits[i], groups[i] - base));
          };
          api.vkCmdDispatchBase(pool_.commands, static_cast<uint32_t>(x), static_cast<uint32_t>(y),
                                static_cast<uint32_t>(z), part(0, x), part(1, y), part(2, z));
        }
      }
    }
  }
  stop_timer();
}

void Recording::finish() {
  // The host may look once it has seen the end.
  emit_barrier(device_, pool_.commands, VK_PIPELINE_STAGE_2_HOST_BIT, VK_ACCESS_2_HOST_READ_BIT);
  check_vk(device_.api.vkEndCommandBuffer(pool_.commands), "vkEndCommandBuffer");
}

void Recording::start_timer(const Executable& executable, uint32_t ordinal,
                            const uint32_t groups[3]) {
  timing_ = timers_ && timed_.size() * 2 + 2 <= kTimers;
  if (!timing_) return;
  device_.api.vkCmdWriteTimestamp2(pool_.commands, VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT, timers_,
                                   static_cast<uint32_t>(timed_.size() * 2));
  timed_.push_back({executable.entry(ordinal).label, {groups[0], groups[1], groups[2]}});
}

void Recording::stop_timer() {
  if (!timing_) return;
  device_.api.vkCmdWriteTimestamp2(pool_.commands, VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT, timers_,
                                   static_cast<uint32_t>(timed_.size() * 2 - 1));
}

void Recording::report() const {
  if (timed_.empty()) return;
  std::vector<uint64_t> ticks(timed_.size() * 2);
  VkResult result = device_.api.vkGetQueryPoolResults(
      device_.handle, timers_, 0, static_cast<uint32_t>(ticks.size()),
      ticks.size() * sizeof(uint64_t), ticks.data(), sizeof(uint64_t), VK_QUERY_RESULT_64_BIT);
  if (result != VK_SUCCESS) return;
  const double period = device_.adapter.properties.limits.timestampPeriod;
  for (size_t i = 0; i < timed_.size(); ++i) {
    const Timed& timed = timed_[i];
    device_.profile()->add(
        timed.label, timed.groups,
        static_cast<uint64_t>(static_cast<double>(ticks[2 * i]) * period),
        static_cast<uint64_t>(static_cast<double>(ticks[2 * i + 1] - ticks[2 * i]) * period));
  }
}

}  // namespace iree::hal_vulkan
