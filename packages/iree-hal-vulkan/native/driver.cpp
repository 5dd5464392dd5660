#include "driver.h"

#include <unistd.h>

#include <filesystem>

#include "device.h"

namespace iree::hal_vulkan {
namespace {

iree_hal_status_t enumerate(const iree_hal_driver_t*,
                            void (*fn)(void* user_data, const iree_hal_device_info_t* info),
                            void* user_data) {
  return guard([&] {
    uint32_t index = 0;
    for (const Adapter& adapter : list_adapters(Instance::get(false))) {
      const std::string path = std::to_string(index++);
      const std::string name = std::string(adapter.name()) + ", UUID " + adapter.uuid();
      iree_hal_device_info_t info = {path.c_str(), name.c_str(),
                                     adapter.unusable.empty() ? nullptr : adapter.unusable.c_str()};
      fn(user_data, &info);
    }
  });
}

std::string text(iree_hal_string_t string) { return {string.data, string.size}; }

// For a value in a URI.
std::string escape(const std::string& value) {
  std::string escaped;
  char code[4];
  for (char c : value) {
    if (isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_' || c == '~' ||
        c == '/') {
      escaped += c;
    } else {
      snprintf(code, sizeof(code), "%%%02X", static_cast<unsigned char>(c));
      escaped += code;
    }
  }
  return escaped;
}

bool read_switch(const std::string& key, const std::string& value) {
  if (value == "0" || value == "1") return value == "1";
  raise(IREE_HAL_INVALID_ARGUMENT, "%s=%.200s: not 0 or 1", key.c_str(), value.c_str());
}

// A directory that somebody asks for: caches that are kept nowhere would be missed later. The
// default one may be out of reach.
std::string read_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error && access(path.c_str(), W_OK | X_OK)) error.assign(errno, std::generic_category());
  if (error) {
    raise(IREE_HAL_PERMISSION_DENIED, "cache: cannot write to %.500s: %s; 'off' keeps nothing",
          path.c_str(), error.message().c_str());
  }
  return path;
}

void read_option(const std::string& key, const std::string& value, Options* options) {
  if (key == "validate") {
    options->validate = read_switch(key, value);
  } else if (key == "unified") {
    options->unified = read_switch(key, value);
  } else if (key == "cache") {
    options->cache = value == "off" ? "" : read_directory(value);
  } else if (key == "profile") {
    options->profile = value;
  } else {
    raise(IREE_HAL_INVALID_ARGUMENT,
          "the Vulkan driver has no option '%.200s'; it knows 'validate', 'cache', 'profile' and "
          "'unified'",
          key.c_str());
  }
}

iree_hal_status_t create_device(const iree_hal_driver_t*, iree_hal_string_t path,
                                const iree_hal_option_t* options, size_t option_count,
                                iree_hal_device_t** out) {
  return guard([&] {
    Options chosen;
    chosen.cache = PipelineCache::default_directory();
    std::string suffix;
    for (size_t i = 0; i < option_count; ++i) {
      const std::string key = text(options[i].key), value = text(options[i].value);
      read_option(key, value, &chosen);
      suffix += (i ? "&" : "?") + key + "=" + escape(value);
    }
    uint32_t index = 0;
    Adapter adapter = find_adapter(Instance::get(chosen.validate), {path.data, path.size}, &index);
    *out = Device::create(std::move(adapter), "vulkan://" + std::to_string(index) + suffix, chosen)
               .release();
  });
}

constexpr iree_hal_driver_t kDriver = {
    sizeof(kDriver), IREE_HAL_ABI_VERSION, "vulkan", IREE_HAL_VULKAN_VERSION,
    enumerate,       create_device,
};

}  // namespace

const iree_hal_driver_t* driver() { return &kDriver; }

}  // namespace iree::hal_vulkan
