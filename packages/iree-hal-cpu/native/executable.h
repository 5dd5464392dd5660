// Loaded code: an image of iree/cpu_executable.h, mapped and never writable and executable at once.
#ifndef IREE_HAL_CPU_EXECUTABLE_H_
#define IREE_HAL_CPU_EXECUTABLE_H_

#include <atomic>

#include "elf_image.h"
#include "iree/hal.hpp"

namespace iree::hal_cpu {

// One entry point.
struct Entry {
  iree_cpu_kernel_t kernel;
  uint32_t binding_count;
  uint32_t constant_count;
  uint32_t local_memory;  // bytes
  uint64_t written_bindings;
  iree_hal_string_t name;
  // What a workgroup took lately, in 1/16 clock ticks, 0 when it has not run: a hint to the
  // scheduler.
  mutable std::atomic<uint32_t> cost;
};

class Executable : public iree_hal_executable_t {
 public:
  // The `prepare_executable` of hal.h.
  static iree_hal_status_t create(iree_hal_string_t format, iree_hal_span_t data,
                                  iree_hal_release_callback_t release, iree_hal_executable_t** out);
  // NULL if the executable belongs to another driver.
  static const Executable* from(const iree_hal_executable_t* executable);
  ~Executable();

  const Entry& entry(uint32_t ordinal) const { return entries_[ordinal]; }

 private:
  Executable() = default;
  static void destroy(void* self);
  iree_hal_status_t map(const ElfImage& image, const uint8_t* bytes);
  iree_hal_status_t make_entries(const ElfImage& image);

  void* reservation_ = nullptr;
  size_t reserved_ = 0;
  uint8_t* base_ = nullptr;  // where address `image.begin` is
  Entry* entries_ = nullptr;
  char* names_ = nullptr;
};

// Whether prepare_executable takes the format on this machine.
bool is_native_format(iree_hal_string_t format);

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_EXECUTABLE_H_
