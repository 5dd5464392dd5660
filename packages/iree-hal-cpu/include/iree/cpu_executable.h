// What compiled CPU code and the CPU driver agree on: the formats "cpu-elf-x86_64" and
// "cpu-elf-aarch64".
//
// An executable is an ELF64 little-endian ET_DYN image for its machine, already linked: every
// relocation resolved, no dynamic section, no imports, position independent. PT_LOAD segments are
// page aligned, do not overlap, and none is both writable and executable. A PT_NOTE segment (itself
// inside a read-only PT_LOAD) holds one note named "IREE" of type IREE_CPU_NOTE_TYPE whose
// descriptor is an iree_cpu_library_t followed by its tables. Section headers and a symbol table
// may be there for debuggers; the loader ignores them.
//
// Offsets in the descriptor are from its own start, addresses are ELF virtual addresses.
#ifndef IREE_CPU_EXECUTABLE_H_
#define IREE_CPU_EXECUTABLE_H_

#include <stdint.h>

#define IREE_CPU_NOTE_TYPE 1u
#define IREE_CPU_LIBRARY_VERSION 2u  // 1 aligned bindings to 64 bytes
#define IREE_CPU_MAX_BINDINGS 64u
#define IREE_CPU_BINDING_ALIGNMENT 16u  // bytes; what malloc gives, and so most arrays have
#define IREE_CPU_MAX_CONSTANTS 256u
#define IREE_CPU_MAX_NAME 4095u  // bytes

typedef struct iree_cpu_library_t {
  uint32_t version;
  uint32_t entry_count;
  uint32_t entries_offset;   // iree_cpu_entry_t[entry_count], 8-byte aligned
  uint32_t features_offset;  // CPU features the code needs, LLVM names, comma separated, e.g.
  uint32_t features_size;    // "avx2,avx512f,fma"; the loader refuses if one is missing or unknown
  uint32_t target_offset;    // the --target-cpu it was compiled for, for messages
  uint32_t target_size;
  uint32_t reserved;
} iree_cpu_library_t;

typedef struct iree_cpu_entry_t {
  uint64_t address;  // of an iree_cpu_kernel_t; inside an executable segment
  uint32_t binding_count;
  uint32_t constant_count;  // 32-bit words
  uint32_t local_memory;    // bytes of scratch that a workgroup needs, given 64-byte aligned
  uint32_t name_offset;
  uint32_t name_size;
  // Bit i: binding i is written. Writing through another one is undefined.
  uint32_t reserved;
  uint64_t written_bindings;
} iree_cpu_entry_t;

// Same for all workgroups of one dispatch.
typedef struct iree_cpu_dispatch_t {
  const uint32_t* constants;
  void* const* bindings;  // aligned to IREE_CPU_BINDING_ALIGNMENT when its range offset is
  uint32_t workgroup_count[3];
  uint32_t reserved;
} iree_cpu_dispatch_t;

// Differs per workgroup.
typedef struct iree_cpu_workgroup_t {
  uint32_t id[3];
  uint32_t worker;     // index of the worker running it
  void* local_memory;  // entry.local_memory bytes, contents undefined
} iree_cpu_workgroup_t;

// Runs one workgroup. Returns 0, or a code that the dispatch fails with (kernels that cannot fail
// return 0). MXCSR/FPCR are the defaults: round to nearest even, denormals kept, exceptions masked.
typedef int32_t (*iree_cpu_kernel_t)(const iree_cpu_dispatch_t* dispatch,
                                     const iree_cpu_workgroup_t* workgroup);

#endif  // IREE_CPU_EXECUTABLE_H_
