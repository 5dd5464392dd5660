#include "profile.h"

#include <inttypes.h>

namespace iree::hal_vulkan {

std::unique_ptr<Profile> Profile::open(const std::string& path) {
  FILE* file = fopen(path.c_str(), "w");
  if (!file) return nullptr;
  // A program that ends without closing its devices still leaves whole lines.
  setvbuf(file, nullptr, _IOLBF, 1 << 16);
  fprintf(file, "dispatch,workgroups_x,workgroups_y,workgroups_z,start_ns,duration_ns\n");
  return std::unique_ptr<Profile>(new Profile(file));
}

Profile::~Profile() { fclose(file_); }

void Profile::add(const std::string& label, const uint32_t groups[3], uint64_t start_ns,
                  uint64_t duration_ns) {
  std::string quoted;
  for (char c : label) quoted += c == '"' ? "\"\"" : std::string(1, c);
  std::lock_guard lock(mutex_);
  fprintf(file_, "\"%s\",%u,%u,%u,%" PRIu64 ",%" PRIu64 "\n", quoted.c_str(), groups[0], groups[1],
          groups[2], start_ns, duration_ns);
}

}  // namespace iree::hal_vulkan
