// What each dispatch took on the device, written to a file.
#ifndef IREE_HAL_VULKAN_PROFILE_H_
#define IREE_HAL_VULKAN_PROFILE_H_

#include <stdio.h>

#include <memory>
#include <mutex>
#include <string>

namespace iree::hal_vulkan {

class Profile {
 public:
  // A CSV file with a header line. NULL if it cannot be written.
  static std::unique_ptr<Profile> open(const std::string& path);
  Profile(const Profile&) = delete;
  Profile& operator=(const Profile&) = delete;
  ~Profile();

  void add(const std::string& label, const uint32_t groups[3], uint64_t start_ns,
           uint64_t duration_ns);

 private:
  explicit Profile(FILE* file) : file_(file) {}
  std::mutex mutex_;
  FILE* file_;
};

}  // namespace iree::hal_vulkan
#endif  // IREE_HAL_VULKAN_PROFILE_H_
