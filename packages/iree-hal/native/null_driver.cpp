// The driver itself: what devices there are, and how a URI's options become one.
#include "null_driver.h"

namespace iree::hal::null {
namespace {

iree_hal_status_t enumerate(const iree_hal_driver_t*,
                            void (*fn)(void*, const iree_hal_device_info_t*), void* user_data) {
  iree_hal_device_info_t info = {"", "null device (does no work)", nullptr};
  fn(user_data, &info);
  return nullptr;
}

// A decimal number that fills the whole string.
bool parse(iree_hal_string_t text, int64_t* out) {
  if (text.size == 0 || text.size > 18) return false;
  int64_t value = 0;
  for (size_t i = 0; i < text.size; ++i) {
    if (text.data[i] < '0' || text.data[i] > '9') return false;
    value = value * 10 + (text.data[i] - '0');
  }
  *out = value;
  return true;
}

iree_hal_status_t create_device(const iree_hal_driver_t*, iree_hal_string_t path,
                                const iree_hal_option_t* options, size_t option_count,
                                iree_hal_device_t** out) {
  if (path.size) {
    return make_status(IREE_HAL_NOT_FOUND, "null driver: no device '%.*s'; there is only 'null'",
                       (int)path.size, path.data);
  }
  int64_t lose_after = INT64_MAX;
  for (size_t i = 0; i < option_count; ++i) {
    iree_hal_string_t key = options[i].key, value = options[i].value;
    if (!equal(key, "lose_after")) {
      return make_status(IREE_HAL_INVALID_ARGUMENT,
                         "null driver: unknown option '%.*s'; it knows lose_after", (int)key.size,
                         key.data);
    }
    if (!parse(value, &lose_after)) {
      return make_status(IREE_HAL_INVALID_ARGUMENT,
                         "null driver: lose_after is a number of queue operations, not '%.*s'",
                         (int)value.size, value.data);
    }
  }
  return make_device(lose_after, out);
}

}  // namespace

const iree_hal_driver_t* driver() {
  static const iree_hal_driver_t table = {
      sizeof(iree_hal_driver_t), IREE_HAL_ABI_VERSION, "null", "1", enumerate, create_device,
  };
  return &table;
}

}  // namespace iree::hal::null
