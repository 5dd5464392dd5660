// The driver itself: which devices there are, and how a path names one: an index, or a name or an
// unambiguous part of it.
#include "driver.h"

#include <algorithm>

#include "device.h"

namespace iree::hal_webgpu {
namespace {

using hal::make_status;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

// "0: llvmpipe, 1: …"
std::string list(const std::vector<Adapter>& adapters) {
  std::string text;
  for (size_t i = 0; i < adapters.size(); ++i) {
    text += (i ? ", " : "") + std::to_string(i) + ": " + adapters[i].name;
  }
  return text;
}

iree_hal_status_t choose(const std::vector<Adapter>& adapters, const std::string& path,
                         size_t* out) {
  if (path.empty()) {
    *out = 0;
    return nullptr;
  }
  if (std::all_of(path.begin(), path.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    if (path.size() < 9 && std::stoul(path) < adapters.size()) {
      *out = std::stoul(path);
      return nullptr;
    }
  } else {
    std::vector<size_t> exact, part;
    for (size_t i = 0; i < adapters.size(); ++i) {
      const std::string name = lower(adapters[i].name);
      if (name == lower(path)) exact.push_back(i);
      if (name.find(lower(path)) != std::string::npos) part.push_back(i);
    }
    if (!exact.empty() || part.size() == 1) {
      *out = exact.empty() ? part[0] : exact[0];
      return nullptr;
    }
  }
  return make_status(IREE_HAL_NOT_FOUND, "webgpu: '%.200s' names no device, or several (%s)",
                     path.c_str(), list(adapters).c_str());
}

iree_hal_status_t enumerate(const iree_hal_driver_t*,
                            void (*fn)(void*, const iree_hal_device_info_t*), void* user_data) {
  return guard([&]() -> iree_hal_status_t {
    std::vector<Adapter> adapters;
    IREE_HAL_TRY(find_adapters(&adapters));
    for (size_t i = 0; i < adapters.size(); ++i) {
      const std::string path = std::to_string(i),
                        name = adapters[i].name + " (" + adapters[i].kind + ")";
      iree_hal_device_info_t info = {path.c_str(), name.c_str(), nullptr};
      fn(user_data, &info);
    }
    return nullptr;
  });
}

iree_hal_status_t create_device(const iree_hal_driver_t*, iree_hal_string_t path,
                                const iree_hal_option_t* options, size_t option_count,
                                iree_hal_device_t** out) {
  if (option_count) {
    return make_status(IREE_HAL_INVALID_ARGUMENT, "webgpu: no option '%.*s'; there are none",
                       static_cast<int>(options[0].key.size), options[0].key.data);
  }
  return guard([&]() -> iree_hal_status_t {
    std::vector<Adapter> adapters;
    IREE_HAL_TRY(find_adapters(&adapters));
    size_t index = 0;
    IREE_HAL_TRY(choose(adapters, std::string(path.data, path.size), &index));
    return Device::make(adapters[index], "webgpu://" + std::to_string(index), out);
  });
}

}  // namespace

const iree_hal_driver_t* driver() {
  static const iree_hal_driver_t table = {
      sizeof(iree_hal_driver_t),
      IREE_HAL_ABI_VERSION,
      "webgpu",
      IREE_HAL_WEBGPU_VERSION,
      enumerate,
      create_device,
  };
  return &table;
}

}  // namespace iree::hal_webgpu
