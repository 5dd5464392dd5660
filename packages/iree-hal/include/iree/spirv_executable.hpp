// The reader of iree/spirv_executable.h that the Vulkan and the WebGPU driver share: header only,
// checks everything before any of it is used, throws nothing.
#ifndef IREE_SPIRV_EXECUTABLE_HPP_
#define IREE_SPIRV_EXECUTABLE_HPP_

#include <dlfcn.h>
#include <string.h>

#include <array>
#include <memory>
#include <new>

#include "iree/hal.hpp"
#include "iree/spirv_executable.h"

namespace iree::spirv {

// A capability that code may declare; its row's index is its bit in `Module::capabilities`.
struct Capability {
  uint32_t number;
  const char* name;
  bool portable;
};
inline constexpr Capability kCapabilities[] = {
    {1, "Shader", true},
    {0, "Matrix", true},
    {9, "Float16", true},
    {10, "Float64", false},
    {11, "Int64", false},
    {12, "Int64Atomics", false},
    {22, "Int16", false},
    {39, "Int8", false},
    {61, "GroupNonUniform", false},
    {62, "GroupNonUniformVote", false},
    {63, "GroupNonUniformArithmetic", false},
    {64, "GroupNonUniformBallot", false},
    {65, "GroupNonUniformShuffle", false},
    {66, "GroupNonUniformShuffleRelative", false},
    {67, "GroupNonUniformClustered", false},
    {68, "GroupNonUniformQuad", false},
    {4433, "StorageBuffer16BitAccess", true},
    {4434, "UniformAndStorageBuffer16BitAccess", false},
    {4435, "StoragePushConstant16", false},
    {4448, "StorageBuffer8BitAccess", false},
    {4449, "UniformAndStorageBuffer8BitAccess", false},
    {4450, "StoragePushConstant8", false},
    {4441, "VariablePointersStorageBuffer", false},
    {4442, "VariablePointers", false},
    {4428, "WorkgroupMemoryExplicitLayoutKHR", false},
    {4429, "WorkgroupMemoryExplicitLayout8BitAccessKHR", false},
    {4430, "WorkgroupMemoryExplicitLayout16BitAccessKHR", false},
    {4464, "DenormPreserve", false},
    {4465, "DenormFlushToZero", false},
    {4466, "SignedZeroInfNanPreserve", false},
    {4467, "RoundingModeRTE", false},
    {4468, "RoundingModeRTZ", false},
    {5116, "BFloat16TypeKHR", false},
    {5117, "BFloat16DotProductKHR", false},
    {5118, "BFloat16CooperativeMatrixKHR", false},
    {5345, "VulkanMemoryModel", false},
    {5346, "VulkanMemoryModelDeviceScope", false},
    {6016, "DotProductInputAll", false},
    {6017, "DotProductInput4x8Bit", false},
    {6018, "DotProductInput4x8BitPacked", false},
    {6019, "DotProduct", false},
    {6022, "CooperativeMatrixKHR", false},
    {6033, "AtomicFloat32AddEXT", false},
};
inline constexpr size_t kCapabilityCount = sizeof(kCapabilities) / sizeof(kCapabilities[0]);
static_assert(kCapabilityCount <= 64);

constexpr uint64_t capability_bit(uint32_t number) {
  for (size_t i = 0; i < kCapabilityCount; ++i) {
    if (kCapabilities[i].number == number) return uint64_t{1} << i;
  }
  return 0;
}

// zlib's CRC-32.
inline uint32_t crc32(const uint8_t* data, size_t size) {
  static constexpr auto kTable = [] {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0xEDB88320u : 0);
      table[i] = value;
    }
    return table;
  }();
  uint32_t crc = ~0u;
  for (size_t i = 0; i < size; ++i) crc = kTable[(crc ^ data[i]) & 0xFF] ^ crc >> 8;
  return ~crc;
}

// zlib's `uncompress`, from the system's zlib when it is first needed; NULL without one.
inline auto find_uncompress() {
  using Uncompress = int (*)(uint8_t* target, unsigned long* target_size, const uint8_t* source,
                             unsigned long source_size);
  static const auto function = [] {
    void* library = dlopen("libz.so.1", RTLD_NOW | RTLD_LOCAL);
    return library ? reinterpret_cast<Uncompress>(dlsym(library, "uncompress")) : nullptr;
  }();
  return function;
}

// Words of SPIR-V that follow the rules of the format.
struct Module {
  std::unique_ptr<uint32_t[]> words;
  uint32_t word_count = 0;
  uint64_t capabilities = 0;  // bits of kCapabilities
  uint32_t binding_end = 0;   // one more than the highest binding it names; 0 if none
  uint32_t descriptors = 0;   // of the entry of it that has most
  bool uses_grid = false;     // names NumWorkgroups
};

// An entry of the container; texts lie in its bytes.
struct Entry : iree_spirv_entry_t {
  iree_hal_string_t entry_name;
  iree_hal_string_t label_text;
  iree_spirv_cooperative_matrix_t matrices[IREE_SPIRV_MAX_COOPERATIVE_MATRICES];

  // Descriptors in set 0: the bindings and the constants' uniform buffer.
  uint32_t descriptor_count() const {
    return binding_count + (constants == IREE_SPIRV_CONSTANTS_UNIFORM ? 1 : 0);
  }
};

// A container whose every rule has been checked.
class Executable {
 public:
  // Reads `data` as `format`, which is one of the two names of spirv_executable.h. DATA_LOSS for
  // what breaks a rule, INCOMPATIBLE for another version or what this reader does not know. `data`
  // is needed as long as texts are.
  static iree_hal_status_t read(iree_hal_string_t format, iree_hal_span_t data, Executable* out) {
    Executable self;
    self.data_ = static_cast<const uint8_t*>(data.data);
    self.size_ = data.size;
    IREE_HAL_TRY(self.read_header(format));
    IREE_HAL_TRY(self.read_entries());
    IREE_HAL_TRY(self.read_modules());
    *out = std::move(self);
    return nullptr;
  }

  uint32_t profile() const { return header_.profile; }
  uint32_t module_count() const { return header_.module_count; }
  uint32_t entry_count() const { return header_.entry_count; }
  const Module& module(uint32_t index) const { return modules_[index]; }
  const Entry& entry(uint32_t index) const { return entries_[index]; }

 private:
  [[gnu::format(printf, 1, 2)]] static iree_hal_status_t malformed(const char* format, ...) {
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return hal::make_status(IREE_HAL_DATA_LOSS, "SPIR-V executable: %s", text);
  }
  bool inside(uint64_t offset, uint64_t bytes) const {
    return offset <= size_ && bytes <= size_ - offset;
  }
  template <typename T>
  T load(uint64_t offset) const {
    T value;
    memcpy(&value, data_ + offset, sizeof(T));
    return value;
  }
  template <typename T>
  iree_hal_status_t check_table(const char* what, uint32_t offset, uint32_t count,
                                uint32_t limit) const {
    if (count > limit) return malformed("%u %s, more than %u", count, what, limit);
    if (offset % 4) return malformed("the table of %s is not aligned to 4 bytes", what);
    if (!inside(offset, uint64_t{count} * sizeof(T))) {
      return malformed("the table of %u %s at offset %u reaches past the end (%zu bytes)", count,
                       what, offset, size_);
    }
    return nullptr;
  }

  iree_hal_status_t read_header(iree_hal_string_t format) {
    if (size_ < sizeof(header_)) return malformed("%zu bytes are no header", size_);
    header_ = load<iree_spirv_executable_t>(0);
    if (header_.magic != IREE_SPIRV_MAGIC) return malformed("it does not start with ISPV");
    if (header_.version != IREE_SPIRV_VERSION) {
      return hal::make_status(IREE_HAL_INCOMPATIBLE,
                              "SPIR-V executable of version %u, but this driver reads version %u; "
                              "compile it with the compiler of this release",
                              header_.version, IREE_SPIRV_VERSION);
    }
    if (header_.size != size_) {
      return malformed("it says that it has %u bytes, but there are %zu", header_.size, size_);
    }
    if (header_.checksum != crc32(data_ + 16, size_ - 16)) {
      return malformed("its checksum is wrong: the bytes were changed after it was written");
    }
    const bool vulkan = hal::equal(format, IREE_SPIRV_FORMAT_VULKAN);
    if (header_.profile > IREE_SPIRV_PROFILE_VULKAN ||
        vulkan != (header_.profile == IREE_SPIRV_PROFILE_VULKAN)) {
      return malformed("profile %u in format '%s'", header_.profile,
                       vulkan ? IREE_SPIRV_FORMAT_VULKAN : IREE_SPIRV_FORMAT_PORTABLE);
    }
    for (uint32_t reserved : header_.reserved) {
      if (reserved) return malformed("a reserved field of the header is not zero");
    }
    IREE_HAL_TRY(check_table<iree_spirv_module_t>("modules", header_.modules_offset,
                                                  header_.module_count, IREE_SPIRV_MAX_MODULES));
    return check_table<iree_spirv_entry_t>("entries", header_.entries_offset, header_.entry_count,
                                           IREE_SPIRV_MAX_ENTRIES);
  }

  iree_hal_status_t read_entries() {
    entries_.reset(new (std::nothrow) Entry[header_.entry_count]());
    if (!entries_) return hal::out_of_memory();
    for (uint32_t i = 0; i < header_.entry_count; ++i) {
      Entry& entry = entries_[i];
      static_cast<iree_spirv_entry_t&>(entry) = load<iree_spirv_entry_t>(
          header_.entries_offset + uint64_t{i} * sizeof(iree_spirv_entry_t));
      IREE_HAL_TRY(check_entry(i, &entry));
    }
    return nullptr;
  }

  static bool is_name(iree_hal_string_t text, bool portable) {
    if (text.size == 0 || text.size > 255) return false;
    for (size_t i = 0; i < text.size; ++i) {
      char c = text.data[i];
      bool digit = c >= '0' && c <= '9', letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (portable ? (i == 0 ? c != 'd' : !digit) : !(letter || c == '_' || (digit && i > 0)))
        return false;
    }
    return !portable || text.size > 1;
  }

  iree_hal_status_t check_entry(uint32_t index, Entry* entry) const {
    const iree_spirv_entry_t& e = *entry;
    const bool portable = header_.profile == IREE_SPIRV_PROFILE_PORTABLE;
    if (e.module >= header_.module_count) {
      return malformed("entry %u is in module %u of %u", index, e.module, header_.module_count);
    }
    if (!inside(e.name_offset, e.name_size) || !inside(e.label_offset, e.label_size)) {
      return malformed("a text of entry %u reaches past the end", index);
    }
    const char* text = reinterpret_cast<const char*>(data_);
    entry->entry_name = {text + e.name_offset, e.name_size};
    entry->label_text = {text + e.label_offset, e.label_size};
    if (!is_name(entry->entry_name, portable)) {
      return malformed("entry %u has a name that the profile does not allow", index);
    }
    uint64_t invocations = 1;
    for (uint32_t size : e.workgroup_size) {
      if (size == 0 || size > 65536) {
        return malformed("entry %u has a workgroup size of %u", index, size);
      }
      invocations *= size;
    }
    if (invocations > 65536) {
      return malformed("entry %u has %llu invocations in a workgroup", index,
                       (unsigned long long)invocations);
    }
    const uint32_t most = portable ? IREE_SPIRV_MAX_PORTABLE_BINDINGS : IREE_SPIRV_MAX_BINDINGS;
    if (e.binding_count > most) {
      return malformed("entry %u has %u bindings, more than %u", index, e.binding_count, most);
    }
    if ((e.read_bindings | e.written_bindings) != (uint64_t{1} << e.binding_count) - 1) {
      return malformed(
          "entry %u does not say of each of its bindings, and of no other, whether it "
          "reads or writes it",
          index);
    }
    IREE_HAL_TRY(check_constants(index, e, portable));
    if (e.subgroup_size & (e.subgroup_size - 1) || e.subgroup_size > 128) {
      return malformed("entry %u wants subgroups of %u", index, e.subgroup_size);
    }
    if (e.flags & ~(IREE_SPIRV_ENTRY_USES_GRID | IREE_SPIRV_ENTRY_FULL_SUBGROUPS)) {
      return malformed("entry %u has unknown flags 0x%x", index, e.flags);
    }
    const bool subgroups = e.subgroup_size || (e.flags & IREE_SPIRV_ENTRY_FULL_SUBGROUPS);
    if (portable && (subgroups || e.cooperative_matrix_count)) {
      return malformed("entry %u of the portable profile relies on subgroups", index);
    }
    IREE_HAL_TRY(check_table<iree_spirv_cooperative_matrix_t>(
        "cooperative matrices", e.cooperative_matrix_offset, e.cooperative_matrix_count,
        IREE_SPIRV_MAX_COOPERATIVE_MATRICES));
    for (uint32_t i = 0; i < e.cooperative_matrix_count; ++i) {
      entry->matrices[i] = load<iree_spirv_cooperative_matrix_t>(
          e.cooperative_matrix_offset + uint64_t{i} * sizeof(iree_spirv_cooperative_matrix_t));
      if (entry->matrices[i].reserved) {
        return malformed("a reserved field of entry %u is not zero", index);
      }
    }
    return nullptr;
  }

  static iree_hal_status_t check_constants(uint32_t index, const iree_spirv_entry_t& e,
                                           bool portable) {
    uint32_t most = e.constants == IREE_SPIRV_CONSTANTS_PUSH      ? IREE_SPIRV_MAX_PUSH_CONSTANTS
                    : e.constants == IREE_SPIRV_CONSTANTS_UNIFORM ? IREE_SPIRV_MAX_CONSTANTS
                                                                  : 0;
    if (e.constants > IREE_SPIRV_CONSTANTS_UNIFORM ||
        (portable && e.constants == IREE_SPIRV_CONSTANTS_PUSH)) {
      return malformed("entry %u takes its constants in way %u", index, e.constants);
    }
    if (e.constant_count > most || (e.constant_count == 0) != (e.constants == 0)) {
      return malformed("entry %u takes %u constants in way %u", index, e.constant_count,
                       e.constants);
    }
    return nullptr;
  }

  iree_hal_status_t read_modules() {
    modules_.reset(new (std::nothrow) Module[header_.module_count]());
    if (!modules_) return hal::out_of_memory();
    for (uint32_t i = 0; i < header_.module_count; ++i) IREE_HAL_TRY(read_module(i));
    for (uint32_t i = 0; i < header_.entry_count; ++i) {
      uint32_t& most = modules_[entries_[i].module].descriptors;
      if (entries_[i].descriptor_count() > most) most = entries_[i].descriptor_count();
    }
    for (uint32_t i = 0; i < header_.entry_count; ++i) IREE_HAL_TRY(check_code(i));
    return nullptr;
  }

  iree_hal_status_t read_module(uint32_t index) {
    auto row = load<iree_spirv_module_t>(header_.modules_offset +
                                         uint64_t{index} * sizeof(iree_spirv_module_t));
    if (row.compression > IREE_SPIRV_COMPRESSION_ZLIB) {
      return hal::make_status(IREE_HAL_INCOMPATIBLE,
                              "SPIR-V executable: module %u has compression %u, which this driver "
                              "does not know",
                              index, row.compression);
    }
    if (row.offset % 4 || !inside(row.offset, row.stored_size)) {
      return malformed("module %u lies outside of it or is not aligned", index);
    }
    const bool plain = row.compression == IREE_SPIRV_COMPRESSION_NONE;
    if (row.word_count < 5 || row.word_count > words_left_ ||
        (plain && row.stored_size != row.word_count * 4)) {
      return malformed("module %u has %u words in %u bytes", index, row.word_count,
                       row.stored_size);
    }
    words_left_ -= row.word_count;
    Module& module = modules_[index];
    module.words.reset(new (std::nothrow) uint32_t[row.word_count]);
    if (!module.words) return hal::out_of_memory();
    module.word_count = row.word_count;
    if (plain) {
      memcpy(module.words.get(), data_ + row.offset, row.stored_size);
    } else {
      IREE_HAL_TRY(decompress(index, row, module.words.get()));
    }
    return check_module(index, &module);
  }

  iree_hal_status_t decompress(uint32_t index, const iree_spirv_module_t& row,
                               uint32_t* words) const {
    const auto uncompress = find_uncompress();
    if (!uncompress) {
      return hal::make_status(IREE_HAL_NOT_FOUND,
                              "the kernels are compressed and zlib is missing; install it (Debian: "
                              "zlib1g)");
    }
    const unsigned long expected = row.word_count * 4ul;
    unsigned long size = expected;
    if (uncompress(reinterpret_cast<uint8_t*>(words), &size, data_ + row.offset, row.stored_size) !=
            0 ||
        size != expected) {
      return malformed("module %u does not decompress to %u words", index, row.word_count);
    }
    return nullptr;
  }

  // The rules of the format over the whole module; that its instructions make sense is the driver's
  // to find.
  iree_hal_status_t check_module(uint32_t index, Module* module) const {
    enum { kExtInstImport = 11, kMemoryModel = 14, kCapability = 17, kDecorate = 71 };
    enum { kBuiltIn = 11, kBinding = 33, kDescriptorSet = 34, kNumWorkgroups = 24 };
    const bool portable = header_.profile == IREE_SPIRV_PROFILE_PORTABLE;
    const uint32_t* words = module->words.get();
    if (words[0] != 0x07230203) return malformed("module %u is no SPIR-V", index);
    const uint32_t newest = portable ? 0x00010300 : 0x00010600;
    if (words[1] < 0x00010000 || words[1] > newest) {
      return malformed("module %u is SPIR-V %u.%u, which the profile does not allow", index,
                       words[1] >> 16, words[1] >> 8 & 0xFF);
    }
    bool has_memory_model = false;
    for (uint32_t at = 5; at < module->word_count;) {
      const uint32_t op = words[at] & 0xFFFF, count = words[at] >> 16;
      if (count == 0 || count > module->word_count - at) {
        return malformed("module %u has an instruction of %u words at word %u", index, count, at);
      }
      const uint32_t* operands = words + at + 1;
      if (op == kCapability && count == 2) {
        IREE_HAL_TRY(add_capability(index, operands[0], portable, module));
      } else if (op == kMemoryModel && count == 3) {
        has_memory_model = true;
        // Logical addressing: pointers are bindings and variables, nothing made of integers.
        if (operands[0] != 0 || (operands[1] != 1 && operands[1] != 3)) {
          return malformed("module %u has addressing model %u and memory model %u", index,
                           operands[0], operands[1]);
        }
      } else if (op == kDecorate && count == 4) {
        if (operands[1] == kDescriptorSet && operands[2] != 0) {
          return malformed("module %u uses descriptor set %u", index, operands[2]);
        }
        if (operands[1] == kBinding) {
          if (operands[2] > IREE_SPIRV_MAX_BINDINGS) {
            return malformed("module %u uses binding %u", index, operands[2]);
          }
          if (operands[2] >= module->binding_end) module->binding_end = operands[2] + 1;
        }
        if (operands[1] == kBuiltIn && operands[2] == kNumWorkgroups) module->uses_grid = true;
      }
      at += count;
    }
    if (!has_memory_model || !(module->capabilities & capability_bit(1))) {
      return malformed("module %u is no shader", index);
    }
    return nullptr;
  }

  static iree_hal_status_t add_capability(uint32_t index, uint32_t number, bool portable,
                                          Module* module) {
    for (size_t i = 0; i < kCapabilityCount; ++i) {
      if (kCapabilities[i].number != number) continue;
      if (portable && !kCapabilities[i].portable) {
        return malformed("module %u of the portable profile needs %s", index,
                         kCapabilities[i].name);
      }
      module->capabilities |= uint64_t{1} << i;
      return nullptr;
    }
    return hal::make_status(IREE_HAL_INCOMPATIBLE,
                            "SPIR-V executable: module %u needs capability %u, which this driver "
                            "does not know",
                            index, number);
  }

  // Whether `words` start with the text as a literal string, NUL terminated within them.
  static bool equal(const uint32_t* words, uint32_t count, iree_hal_string_t text) {
    if (uint64_t{count} * 4 <= text.size) return false;
    const char* bytes = reinterpret_cast<const char*>(words);
    return memcmp(bytes, text.data, text.size) == 0 && bytes[text.size] == 0;
  }

  // That the module has the entry point with this workgroup size and within its bindings.
  iree_hal_status_t check_code(uint32_t index) const {
    enum { kEntryPoint = 15, kExecutionMode = 16, kFunction = 54, kGLCompute = 5, kLocalSize = 17 };
    const Entry& entry = entries_[index];
    const Module& module = modules_[entry.module];
    const uint32_t* words = module.words.get();
    uint32_t function = 0;
    bool sized = false;
    // Entry points come before execution modes, both before functions.
    for (uint32_t at = 5; at < module.word_count;) {
      const uint32_t op = words[at] & 0xFFFF, count = words[at] >> 16;
      const uint32_t* operands = words + at + 1;
      if (op == kFunction) break;
      if (op == kEntryPoint && count > 3 && operands[0] == kGLCompute &&
          equal(operands + 2, count - 3, entry.entry_name)) {
        function = operands[1];
      }
      if (op == kExecutionMode && count == 6 && function && operands[0] == function &&
          operands[1] == kLocalSize) {
        sized = memcmp(operands + 2, entry.workgroup_size, sizeof(entry.workgroup_size)) == 0;
      }
      at += count;
    }
    if (!function || !sized) {
      return malformed("module %u has no entry point '%.*s' of workgroup size %ux%ux%u",
                       entry.module, static_cast<int>(entry.entry_name.size), entry.entry_name.data,
                       entry.workgroup_size[0], entry.workgroup_size[1], entry.workgroup_size[2]);
    }
    if (module.uses_grid && !(entry.flags & IREE_SPIRV_ENTRY_USES_GRID)) {
      return malformed("entry %u reads NumWorkgroups and does not say so", index);
    }
    if (entry.cooperative_matrix_count && !(module.capabilities & capability_bit(6022))) {
      return malformed("entry %u lists cooperative matrices without the capability", index);
    }
    if (module.binding_end > module.descriptors) {
      return malformed("module %u uses binding %u, which no entry of it has", entry.module,
                       module.binding_end - 1);
    }
    return nullptr;
  }

  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
  uint64_t words_left_ = IREE_SPIRV_MAX_WORDS;
  iree_spirv_executable_t header_ = {};
  std::unique_ptr<Entry[]> entries_;
  std::unique_ptr<Module[]> modules_;
};

}  // namespace iree::spirv
#endif  // IREE_SPIRV_EXECUTABLE_HPP_
