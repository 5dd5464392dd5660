#include "pipeline_cache.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "iree/spirv_executable.hpp"

namespace iree::hal_vulkan {
namespace {

// Larger ones are no cache of ours.
constexpr uint64_t kLargest = 1ull << 30;

// Of the cache's data, which follows it in the file: what a driver does with damaged ones is not
// said.
uint32_t checksum(const char* data, size_t size) {
  return spirv::crc32(reinterpret_cast<const uint8_t*>(data), size);
}

// The data of a file; none if it is damaged.
std::vector<char> read_file(const std::string& path) {
  std::error_code error;
  const uint64_t size = std::filesystem::file_size(path, error);
  uint32_t sum = 0;
  if (error || size < sizeof(sum) || size > kLargest) return {};
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(&sum), sizeof(sum));
  std::vector<char> data(std::istreambuf_iterator<char>(file), {});
  if (checksum(data.data(), data.size()) != sum) data.clear();
  return data;
}

// Vulkan's header of version one; drivers need not check it.
bool fits(const std::vector<char>& data, const VkPhysicalDeviceProperties& properties) {
  VkPipelineCacheHeaderVersionOne header;
  if (data.size() < sizeof(header)) return false;
  memcpy(&header, data.data(), sizeof(header));
  return header.headerSize >= sizeof(header) &&
         header.headerVersion == VK_PIPELINE_CACHE_HEADER_VERSION_ONE &&
         header.vendorID == properties.vendorID && header.deviceID == properties.deviceID &&
         memcmp(header.pipelineCacheUUID, properties.pipelineCacheUUID,
                sizeof(header.pipelineCacheUUID)) == 0;
}

}  // namespace

std::string PipelineCache::default_directory() {
  if (const char* cache = getenv("XDG_CACHE_HOME"); cache && *cache)
    return std::string(cache) + "/iree/vulkan";
  if (const char* home = getenv("HOME"); home && *home)
    return std::string(home) + "/.cache/iree/vulkan";
  return {};
}

void PipelineCache::open(const DeviceApi& api, VkDevice device, const Adapter& adapter,
                         const std::string& directory) {
  api_ = &api;
  device_ = device;
  std::vector<char> data;
  if (!directory.empty()) {
    // One file for each driver of each device.
    file_ = directory + "/";
    char byte[3];
    for (uint8_t value : adapter.properties.pipelineCacheUUID) {
      snprintf(byte, sizeof(byte), "%02x", value);
      file_ += byte;
    }
    file_ += ".bin";
    data = read_file(file_);
    if (!fits(data, adapter.properties)) data.clear();
    saved_ = data.size();
  }
  VkPipelineCacheCreateInfo info = {.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO,
                                    .initialDataSize = data.size(),
                                    .pInitialData = data.data()};
  if (!data.empty() && !api.vkCreatePipelineCache(device, &info, nullptr, &handle_)) return;
  // There is none yet, or the driver does not take it.
  info.initialDataSize = saved_ = 0;
  check_vk(api.vkCreatePipelineCache(device, &info, nullptr, &handle_), "vkCreatePipelineCache");
}

void PipelineCache::save() {
  if (file_.empty()) return;
  std::lock_guard lock(mutex_);
  hal::free_status(guard([&] {
    size_t size = 0;
    check_vk(api_->vkGetPipelineCacheData(device_, handle_, &size, nullptr),
             "vkGetPipelineCacheData");
    // Nothing new, or a driver that keeps nothing but the header.
    if (size == saved_ || size <= sizeof(VkPipelineCacheHeaderVersionOne)) return;
    std::vector<char> data(size);
    check_vk(api_->vkGetPipelineCacheData(device_, handle_, &size, data.data()),
             "vkGetPipelineCacheData");
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), error);
    // Other processes see the old file or the new one.
    const std::string fresh = file_ + "." + std::to_string(getpid());
    const uint32_t sum = checksum(data.data(), size);
    std::ofstream(fresh, std::ios::binary)
        .write(reinterpret_cast<const char*>(&sum), sizeof(sum))
        .write(data.data(), static_cast<std::streamsize>(size));
    if (std::filesystem::file_size(fresh, error) == sizeof(sum) + size)
      std::filesystem::rename(fresh, file_, error);
    std::filesystem::remove(fresh, error);
    saved_ = size;
  }));
}

void PipelineCache::close() {
  if (handle_) api_->vkDestroyPipelineCache(device_, handle_, nullptr);
  handle_ = nullptr;
}

}  // namespace iree::hal_vulkan
