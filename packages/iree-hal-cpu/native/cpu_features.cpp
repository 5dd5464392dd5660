#include "cpu_features.h"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#include "array.h"
#include "iree/hal.hpp"

namespace iree::hal_cpu {
namespace {

#if defined(__x86_64__)

enum Register : uint8_t { kEax, kEbx, kEcx, kEdx };
// XCR0 bits that the operating system must have set.
enum State : uint32_t { kNone = 0, kAvx = 0x6, kAvx512 = 0xE6, kAmx = 0x60000 };

struct Row {
  const char* name;
  uint32_t leaf, subleaf;
  Register reg;
  uint8_t bit;
  State state;
};

// LLVM's names (llvm/lib/Target/X86/X86.td) and the CPUID bits of Intel SDM volume 2 and AMD APM
// volume 3.
constexpr Row kRows[] = {
    {"cx8", 1, 0, kEdx, 8, kNone},
    {"cmov", 1, 0, kEdx, 15, kNone},
    {"mmx", 1, 0, kEdx, 23, kNone},
    {"fxsr", 1, 0, kEdx, 24, kNone},
    {"sse", 1, 0, kEdx, 25, kNone},
    {"sse2", 1, 0, kEdx, 26, kNone},
    {"x87", 1, 0, kEdx, 0, kNone},
    {"64bit", 0x80000001, 0, kEdx, 29, kNone},
    {"sse3", 1, 0, kEcx, 0, kNone},
    {"pclmul", 1, 0, kEcx, 1, kNone},
    {"ssse3", 1, 0, kEcx, 9, kNone},
    {"fma", 1, 0, kEcx, 12, kAvx},
    {"cx16", 1, 0, kEcx, 13, kNone},
    {"sse4.1", 1, 0, kEcx, 19, kNone},
    {"sse4.2", 1, 0, kEcx, 20, kNone},
    {"crc32", 1, 0, kEcx, 20, kNone},
    {"movbe", 1, 0, kEcx, 22, kNone},
    {"popcnt", 1, 0, kEcx, 23, kNone},
    {"aes", 1, 0, kEcx, 25, kNone},
    {"xsave", 1, 0, kEcx, 26, kNone},
    {"avx", 1, 0, kEcx, 28, kAvx},
    {"f16c", 1, 0, kEcx, 29, kAvx},
    {"rdrnd", 1, 0, kEcx, 30, kNone},
    {"sahf", 0x80000001, 0, kEcx, 0, kNone},
    {"lzcnt", 0x80000001, 0, kEcx, 5, kNone},
    {"sse4a", 0x80000001, 0, kEcx, 6, kNone},
    {"prfchw", 0x80000001, 0, kEcx, 8, kNone},
    {"xop", 0x80000001, 0, kEcx, 11, kAvx},
    {"fma4", 0x80000001, 0, kEcx, 16, kAvx},
    {"tbm", 0x80000001, 0, kEcx, 21, kNone},
    {"fsgsbase", 7, 0, kEbx, 0, kNone},
    {"bmi", 7, 0, kEbx, 3, kNone},
    {"avx2", 7, 0, kEbx, 5, kAvx},
    {"bmi2", 7, 0, kEbx, 8, kNone},
    {"avx512f", 7, 0, kEbx, 16, kAvx512},
    {"avx512dq", 7, 0, kEbx, 17, kAvx512},
    {"rdseed", 7, 0, kEbx, 18, kNone},
    {"adx", 7, 0, kEbx, 19, kNone},
    {"avx512ifma", 7, 0, kEbx, 21, kAvx512},
    {"clflushopt", 7, 0, kEbx, 23, kNone},
    {"clwb", 7, 0, kEbx, 24, kNone},
    {"avx512cd", 7, 0, kEbx, 28, kAvx512},
    {"sha", 7, 0, kEbx, 29, kNone},
    {"avx512bw", 7, 0, kEbx, 30, kAvx512},
    {"avx512vl", 7, 0, kEbx, 31, kAvx512},
    {"avx512vbmi", 7, 0, kEcx, 1, kAvx512},
    {"avx512vbmi2", 7, 0, kEcx, 6, kAvx512},
    {"gfni", 7, 0, kEcx, 8, kNone},
    {"vaes", 7, 0, kEcx, 9, kAvx},
    {"vpclmulqdq", 7, 0, kEcx, 10, kAvx},
    {"avx512vnni", 7, 0, kEcx, 11, kAvx512},
    {"avx512bitalg", 7, 0, kEcx, 12, kAvx512},
    {"avx512vpopcntdq", 7, 0, kEcx, 14, kAvx512},
    {"rdpid", 7, 0, kEcx, 22, kNone},
    {"movdiri", 7, 0, kEcx, 27, kNone},
    {"avx512vp2intersect", 7, 0, kEdx, 8, kAvx512},
    {"serialize", 7, 0, kEdx, 14, kNone},
    {"amx-bf16", 7, 0, kEdx, 22, kAmx},
    {"avx512fp16", 7, 0, kEdx, 23, kAvx512},
    {"amx-tile", 7, 0, kEdx, 24, kAmx},
    {"amx-int8", 7, 0, kEdx, 25, kAmx},
    {"avxvnni", 7, 1, kEax, 4, kAvx},
    {"avx512bf16", 7, 1, kEax, 5, kAvx512},
    {"amx-fp16", 7, 1, kEax, 21, kAmx},
    {"avxifma", 7, 1, kEax, 23, kAvx},
    {"avxvnniint8", 7, 1, kEdx, 4, kAvx},
    {"avxneconvert", 7, 1, kEdx, 5, kAvx},
    {"avxvnniint16", 7, 1, kEdx, 10, kAvx},
};

[[gnu::target("xsave")]] uint64_t read_xcr0() { return __builtin_ia32_xgetbv(0); }

bool is_present(const Row& row) {
  unsigned reg[4];
  if (row.state != kNone) {
    constexpr unsigned kOsxsave = 1u << 27;
    if (!__get_cpuid_count(1, 0, &reg[0], &reg[1], &reg[2], &reg[3])) return false;
    if (!(reg[kEcx] & kOsxsave)) return false;
    if ((read_xcr0() & row.state) != row.state) return false;
  }
  if (!__get_cpuid_count(row.leaf, row.subleaf, &reg[0], &reg[1], &reg[2], &reg[3])) return false;
  return (reg[row.reg] >> row.bit) & 1;
}

#elif defined(__aarch64__)

struct Row {
  const char* name;
  unsigned long type;  // AT_HWCAP or AT_HWCAP2
  uint8_t bit;
};

// LLVM's names (llvm/lib/Target/AArch64/AArch64Features.td) and the bits of Linux's
// arch/arm64/include/uapi/asm/hwcap.h, as numbers since older headers lack the newer ones.
constexpr Row kRows[] = {
    {"fp-armv8", AT_HWCAP, 0}, {"neon", AT_HWCAP, 1},       {"aes", AT_HWCAP, 3},
    {"pmull", AT_HWCAP, 4},    {"sha2", AT_HWCAP, 6},       {"crc", AT_HWCAP, 7},
    {"lse", AT_HWCAP, 8},      {"fullfp16", AT_HWCAP, 10},  {"rdm", AT_HWCAP, 12},
    {"jsconv", AT_HWCAP, 13},  {"complxnum", AT_HWCAP, 14}, {"rcpc", AT_HWCAP, 15},
    {"sha3", AT_HWCAP, 17},    {"sm4", AT_HWCAP, 19},       {"dotprod", AT_HWCAP, 20},
    {"sve", AT_HWCAP, 22},     {"fp16fml", AT_HWCAP, 23},   {"sve2", AT_HWCAP2, 1},
    {"sve-aes", AT_HWCAP2, 2}, {"sve2-aes", AT_HWCAP2, 2},  {"sve2-bitperm", AT_HWCAP2, 4},
    {"f32mm", AT_HWCAP2, 10},  {"f64mm", AT_HWCAP2, 11},    {"i8mm", AT_HWCAP2, 13},
    {"bf16", AT_HWCAP2, 14},   {"sme", AT_HWCAP2, 23},
};

bool is_present(const Row& row) { return (getauxval(row.type) >> row.bit) & 1; }

#else
#error "this driver runs on x86-64 and aarch64"
#endif

// The part of `list` up to the next comma; removes it.
iree_hal_string_t next_item(iree_hal_string_t* list) {
  auto* comma = static_cast<const char*>(memchr(list->data, ',', list->size));
  iree_hal_string_t item{list->data, comma ? static_cast<size_t>(comma - list->data) : list->size};
  size_t used = item.size + (comma ? 1 : 0);
  *list = {list->data + used, list->size - used};
  return item;
}

// For "%.*s" of text from outside.
int clip(size_t size) { return size > 1000 ? 1000 : static_cast<int>(size); }

bool append(Array<char>* to, iree_hal_string_t text) {
  size_t at = to->size();
  if (at && !to->append(',')) return false;
  if (!to->resize(to->size() + text.size)) return false;
  if (text.size) memcpy(to->end() - text.size, text.data, text.size);
  return true;
}

}  // namespace

Feature find_feature(iree_hal_string_t name) {
  for (const Row& row : kRows) {
    if (hal::equal(name, row.name)) return is_present(row) ? Feature::kPresent : Feature::kMissing;
  }
  return Feature::kUnknown;
}

iree_hal_status_t check_features(iree_hal_string_t features, iree_hal_string_t target) {
  Array<char> missing, unknown;
  while (features.size) {
    iree_hal_string_t name = next_item(&features);
    Feature found = find_feature(name);
    if (found == Feature::kPresent) continue;
    if (!append(found == Feature::kMissing ? &missing : &unknown, name)) {
      return hal::out_of_memory();
    }
  }
  if (!missing.empty()) {
    return hal::make_status(
        IREE_HAL_INCOMPATIBLE,
        "CPU executable: compiled for --target-cpu=%.*s, which needs %.*s; this CPU has not got "
        "it. Recompile with --target-cpu=host on this machine, or for an older CPU such as "
        "--target-cpu=generic",
        clip(target.size), target.data, clip(missing.size()), missing.data());
  }
  if (!unknown.empty()) {
    return hal::make_status(
        IREE_HAL_INCOMPATIBLE,
        "CPU executable: compiled for --target-cpu=%.*s, which needs %.*s, CPU features that this "
        "driver does not know. Upgrade iree-hal-cpu or recompile with --target-cpu=generic",
        clip(target.size), target.data, clip(unknown.size()), unknown.data());
  }
  return nullptr;
}

}  // namespace iree::hal_cpu
