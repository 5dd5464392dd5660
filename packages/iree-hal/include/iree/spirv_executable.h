// What compiled SPIR-V code and the drivers that take it (Vulkan, WebGPU) agree on: the formats
// "spirv-portable" and "spirv-vulkan".
//
// An executable is one flat little-endian container: an iree_spirv_executable_t at its start, then,
// anywhere and in any order, a table of SPIR-V modules, a table of entry points in the order of the
// export ordinals, texts and the modules' words. Offsets are in bytes from the container's start;
// tables and words are 4-byte aligned. Reserved fields are zero. `iree/spirv_executable.hpp` reads
// and checks it.
//
// What a kernel sees
//  * Bindings: storage buffers (storage class StorageBuffer, a Block with one array, runtime or
//    sized, at offset 0) in descriptor set 0 at bindings 0 .. binding_count-1, in the order of the
//    dispatch's. Each starts at a multiple of 256 bytes (IREE_HAL_BINDING_ALIGNMENT; imported host
//    memory at one of 16 at least) and is bound with its length rounded up to a multiple of 16
//    bytes: what is past the length may be read, means nothing and may change. What one binding
//    writes may not overlap another. In the vulkan profile a binding that is not in
//    `written_bindings` is decorated NonWritable; in the portable one none is, since WebGPU refuses
//    a buffer that is bound both read-only and writable, even with ranges that do not meet.
//  * Constants: `constant_count` 32-bit words in the order of the dispatch's constants, passed as
//    IREE_SPIRV_CONSTANTS_PUSH: a PushConstant Block with an array of constant_count 32-bit words
//    (stride 4) at offset 0, at most 32 words; or IREE_SPIRV_CONSTANTS_UNIFORM: a Uniform Block
//    with an array of ceil(constant_count / 4) vectors of four 32-bit integers (stride 16) at
//    offset 0, in set 0 at binding `binding_count`; words past the last are zero.
//  * The grid: WorkgroupId counts from 0 in each dimension. A device takes at least 65535
//    workgroups in each. A Vulkan driver runs more in parts (WorkgroupId is right), a WebGPU driver
//    refuses them. NumWorkgroups is then that of the part: an entry that reads it says
//    IREE_SPIRV_ENTRY_USES_GRID, and is refused instead.
//  * Workgroup memory is not zeroed.
//
// What a device must have is what the module itself declares (OpCapability): the driver reads it
// there and refuses what the device lacks by name. The profile bounds it:
//  * portable: SPIR-V 1.3 at most; Shader, Float16, StorageBuffer16BitAccess (only with Float16);
//    uniform constants; 8 bindings at most. Entry names are `d` and a decimal number.
//  * vulkan: SPIR-V 1.6 at most; what `kCapabilities` in the reader lists; push or uniform
//    constants.
#ifndef IREE_SPIRV_EXECUTABLE_H_
#define IREE_SPIRV_EXECUTABLE_H_

#include <stdint.h>

#define IREE_SPIRV_FORMAT_PORTABLE "spirv-portable"
#define IREE_SPIRV_FORMAT_VULKAN "spirv-vulkan"

#define IREE_SPIRV_MAGIC 0x56505349u  // the bytes "ISPV"
#define IREE_SPIRV_VERSION 1u
#define IREE_SPIRV_MAX_MODULES 65536u
#define IREE_SPIRV_MAX_ENTRIES 65536u
#define IREE_SPIRV_MAX_BINDINGS 31u
#define IREE_SPIRV_MAX_PORTABLE_BINDINGS 8u
#define IREE_SPIRV_MAX_CONSTANTS 256u
#define IREE_SPIRV_MAX_PUSH_CONSTANTS 32u
#define IREE_SPIRV_MAX_COOPERATIVE_MATRICES 16u
#define IREE_SPIRV_MAX_WORDS (16u << 20)  // of all modules together

enum iree_spirv_profile_e {
  IREE_SPIRV_PROFILE_PORTABLE = 0,  // format "spirv-portable"
  IREE_SPIRV_PROFILE_VULKAN = 1,    // format "spirv-vulkan"
};

enum iree_spirv_compression_e {
  IREE_SPIRV_COMPRESSION_NONE = 0,  // stored_size is 4 * word_count
  IREE_SPIRV_COMPRESSION_ZLIB = 1,  // a zlib stream (RFC 1950) of exactly word_count words
};

enum iree_spirv_constants_e {
  IREE_SPIRV_CONSTANTS_NONE = 0,  // constant_count is 0
  IREE_SPIRV_CONSTANTS_PUSH = 1,
  IREE_SPIRV_CONSTANTS_UNIFORM = 2,
};

enum iree_spirv_entry_flags_e {
  IREE_SPIRV_ENTRY_USES_GRID = 1u << 0,  // reads NumWorkgroups
  IREE_SPIRV_ENTRY_FULL_SUBGROUPS =
      1u << 1,  // every subgroup is full; needs workgroup_size[0] % subgroup size == 0
};

typedef struct iree_spirv_executable_t {
  uint32_t magic;
  uint32_t version;
  uint32_t size;      // of the container
  uint32_t checksum;  // CRC-32 as zlib's of the bytes [16, size)
  uint32_t profile;   // that of the format's name
  uint32_t module_count;
  uint32_t modules_offset;  // iree_spirv_module_t[module_count]
  uint32_t entry_count;
  uint32_t entries_offset;  // iree_spirv_entry_t[entry_count]
  uint32_t reserved[3];
} iree_spirv_executable_t;

// A SPIR-V module: little-endian words from the magic number on. Entries may share one.
typedef struct iree_spirv_module_t {
  uint32_t offset;
  uint32_t stored_size;  // bytes
  uint32_t word_count;   // of the module, decompressed
  uint32_t compression;  // iree_spirv_compression_e
} iree_spirv_module_t;

typedef struct iree_spirv_entry_t {
  uint32_t module;       // index
  uint32_t name_offset;  // of the OpEntryPoint (GLCompute): letters, digits, `_`, not first a digit
  uint32_t name_size;
  uint32_t label_offset;  // what people call it, UTF-8: "dispatch_3_matmul_f32"; may be empty
  uint32_t label_size;
  uint32_t workgroup_size[3];  // the module's LocalSize
  uint32_t binding_count;
  uint32_t read_bindings;     // bit i: binding i is read
  uint32_t written_bindings;  // bit i: binding i is written; each is at least one of both
  uint32_t constant_count;
  uint32_t constants;                  // iree_spirv_constants_e
  uint32_t subgroup_size;              // that the kernel relies on, a power of two; 0 for any
  uint32_t workgroup_memory;           // bytes of Workgroup variables
  uint32_t flags;                      // iree_spirv_entry_flags_e
  uint32_t cooperative_matrix_offset;  // iree_spirv_cooperative_matrix_t[cooperative_matrix_count]
  uint32_t cooperative_matrix_count;   // the distinct multiplications that the kernel does; 0
                                       // without the capability
} iree_spirv_entry_t;

// One row of what vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR must list, scope Subgroup:
// result[m,n] = a[m,k] * b[k,n] + c[m,n]. Types are those of VkComponentTypeKHR (0 f16, 1 f32, 2
// f64, 3.. s8, s16, s32, s64, 7.. u8, u16, u32, u64).
typedef struct iree_spirv_cooperative_matrix_t {
  uint32_t m, n, k;
  uint32_t a_type, b_type, c_type, result_type;
  uint32_t reserved;
} iree_spirv_cooperative_matrix_t;

#endif  // IREE_SPIRV_EXECUTABLE_H_
