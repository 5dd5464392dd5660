#include "driver.h"

#include <utility>

#include "device.h"
#include "pool.h"
#include "topology.h"

namespace iree::hal_cpu {
namespace {

int clip(size_t size) { return static_cast<int>(size < 200 ? size : 200); }

iree_hal_status_t enumerate(const iree_hal_driver_t*,
                            void (*fn)(void* user_data, const iree_hal_device_info_t* info),
                            void* user_data) {
  char name[64];
  cpu_name(name, sizeof(name));
  iree_hal_device_info_t info = {"", name, nullptr};
  fn(user_data, &info);
  return nullptr;
}

// A decimal number up to Pool::kMaxWorkers.
bool read_threads(iree_hal_string_t text, uint32_t* out) {
  uint32_t value = 0;
  if (text.size == 0 || text.size > 4) return false;
  for (size_t i = 0; i < text.size; ++i) {
    if (text.data[i] < '0' || text.data[i] > '9') return false;
    value = value * 10 + static_cast<uint32_t>(text.data[i] - '0');
  }
  *out = value;
  return value <= Pool::kMaxWorkers;
}

bool read_pinning(iree_hal_string_t text, Pool::Pinning* out) {
  constexpr std::pair<const char*, Pool::Pinning> kNames[] = {{"node", Pool::Pinning::kNode},
                                                              {"core", Pool::Pinning::kCore},
                                                              {"none", Pool::Pinning::kNone}};
  for (auto [name, pinning] : kNames) {
    if (!hal::equal(text, name)) continue;
    *out = pinning;
    return true;
  }
  return false;
}

iree_hal_status_t create_device(const iree_hal_driver_t*, iree_hal_string_t path,
                                const iree_hal_option_t* options, size_t option_count,
                                iree_hal_device_t** out) {
  if (path.size) {
    return hal::make_status(IREE_HAL_NOT_FOUND,
                            "there is only one CPU device, 'cpu': no path '%.*s'", clip(path.size),
                            path.data);
  }
  uint32_t threads = UINT32_MAX;
  Pool::Pinning pinning = Pool::Pinning::kNode;
  char uri[64] = "cpu", separator = '?';
  for (size_t i = 0; i < option_count; ++i) {
    const iree_hal_option_t& option = options[i];
    if (hal::equal(option.key, "threads")) {
      if (!read_threads(option.value, &threads)) {
        return hal::make_status(IREE_HAL_INVALID_ARGUMENT,
                                "threads=%.*s: not a number from 0 to %u", clip(option.value.size),
                                option.value.data, Pool::kMaxWorkers);
      }
    } else if (hal::equal(option.key, "pin")) {
      if (!read_pinning(option.value, &pinning)) {
        return hal::make_status(IREE_HAL_INVALID_ARGUMENT, "pin=%.*s: not 'node', 'core' or 'none'",
                                clip(option.value.size), option.value.data);
      }
    } else {
      return hal::make_status(IREE_HAL_INVALID_ARGUMENT,
                              "the CPU driver has no option '%.*s'; it knows 'threads' and 'pin'",
                              clip(option.key.size), option.key.data);
    }
    size_t length = strlen(uri);
    snprintf(uri + length, sizeof(uri) - length, "%c%.*s=%.*s", separator, clip(option.key.size),
             option.key.data, clip(option.value.size), option.value.data);
    separator = '&';
  }
  if (threads == UINT32_MAX) threads = available_concurrency();
  if (threads > Pool::kMaxWorkers) threads = Pool::kMaxWorkers;
  return Device::create(threads, pinning, uri, out);
}

constexpr iree_hal_driver_t kDriver = {
    sizeof(kDriver), IREE_HAL_ABI_VERSION, "cpu", IREE_HAL_CPU_VERSION, enumerate, create_device,
};

}  // namespace

const iree_hal_driver_t* driver() { return &kDriver; }

}  // namespace iree::hal_cpu
