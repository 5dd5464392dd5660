// Reads the images that iree/cpu_executable.h describes. A plain function over untrusted bytes:
// nothing is mapped, nothing outside the span is read, and everything that the result refers to has
// been checked.
#ifndef IREE_HAL_CPU_ELF_IMAGE_H_
#define IREE_HAL_CPU_ELF_IMAGE_H_

#include <elf.h>

#include "array.h"
#include "iree/cpu_executable.h"
#include "iree/hal.h"

namespace iree::hal_cpu {

// A PT_LOAD segment: file bytes [offset, offset + file_size) at `address`, followed by zeros.
struct ElfSegment {
  uint64_t address;
  uint64_t offset;
  uint64_t file_size;
  uint64_t memory_size;
  uint64_t alignment;  // a power of two, at least 4096; `address` is a multiple of it
  bool writable;
  bool executable;
};

struct ElfEntry {
  iree_cpu_entry_t entry;
  iree_hal_string_t name;  // in the image's bytes
};

struct ElfImage {
  Array<ElfSegment> segments;  // ascending, disjoint when rounded to their alignment
  uint64_t begin;              // address of the first segment
  uint64_t end;                // first address behind the last one
  Array<ElfEntry> entries;
  iree_hal_string_t features;  // in the image's bytes
  iree_hal_string_t target;
};

// "x86-64", "aarch64" or NULL.
const char* machine_name(uint16_t machine);

// Fills in `out`, which is fresh. `machine` is EM_X86_64 or EM_AARCH64. DATA_LOSS for bytes that
// break a rule of the format, saying which; INCOMPATIBLE for another machine or version.
iree_hal_status_t read_elf(iree_hal_span_t bytes, uint16_t machine, ElfImage* out);

}  // namespace iree::hal_cpu
#endif  // IREE_HAL_CPU_ELF_IMAGE_H_
