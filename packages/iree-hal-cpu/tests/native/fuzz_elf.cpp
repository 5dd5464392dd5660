// Mutation fuzzing of the ELF reader: well-formed images with bytes changed, fields set to awkward
// values, parts cut or moved. Made for a build with the address and undefined-behaviour sanitizers;
// checks besides that what the reader accepts holds what it promises. Deterministic for a seed.
//
// Usage: fuzz_elf [EXECUTIONS [SEED [FILE...]]]; the files are more images to start from.
#include <elf.h>
#include <stdlib.h>

#include <random>

#include "elf_image.h"
#include "executable.h"
#include "support.h"

namespace iree::hal_cpu::test {
namespace {

using Bytes = std::vector<uint8_t>;

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}
  uint64_t below(uint64_t n) { return n ? random_() % n : 0; }

  void mutate(Bytes* bytes) {
    for (uint64_t i = 0, count = 1 + below(4); i < count && !bytes->empty(); ++i)
      mutate_once(bytes);
  }

 private:
  // Offsets in headers and tables are hit more often than code.
  uint64_t position(const Bytes& bytes) {
    uint64_t limit = below(4) ? 64 + 3 * 56 + 20 + 32 + 3 * 40 : bytes.size();
    return below(limit < bytes.size() ? limit : bytes.size());
  }
  uint64_t awkward(const Bytes& bytes) {
    const uint64_t values[] = {0,
                               1,
                               2,
                               3,
                               4,
                               7,
                               8,
                               0x7F,
                               0x80,
                               0xFF,
                               0x1000,
                               0xFFFF,
                               0x10000,
                               INT32_MAX,
                               0x80000000,
                               UINT32_MAX,
                               INT64_MAX,
                               1ull << 63,
                               UINT64_MAX,
                               UINT64_MAX - 4095,
                               bytes.size(),
                               bytes.size() - 1,
                               bytes.size() + 1,
                               below(bytes.size())};
    return values[below(sizeof(values) / sizeof(values[0]))];
  }
  void mutate_once(Bytes* bytes) {
    uint64_t at = position(*bytes);
    switch (below(8)) {
      case 0:
        (*bytes)[at] = static_cast<uint8_t>(below(256));
        break;
      case 1:
        (*bytes)[at] ^= static_cast<uint8_t>(1u << below(8));
        break;
      case 2:
      case 3:
      case 4: {
        uint64_t value = awkward(*bytes), size = 1ull << below(4);
        at = at / size * size;
        if (at + size <= bytes->size()) memcpy(bytes->data() + at, &value, size);
        break;
      }
      case 5: {
        // A field a little larger or smaller.
        uint64_t value = 0, size = 1ull << below(4);
        at = at / size * size;
        if (at + size > bytes->size()) break;
        memcpy(&value, bytes->data() + at, size);
        value += below(33) - 16;
        memcpy(bytes->data() + at, &value, size);
        break;
      }
      case 6: {
        uint64_t from = position(*bytes), size = below(64);
        if (from + size <= bytes->size() && at + size <= bytes->size()) {
          memmove(bytes->data() + at, bytes->data() + from, size);
        }
        break;
      }
      default:
        if (below(4) == 0) bytes->resize(below(bytes->size() + 1));
    }
  }

  std::mt19937_64 random_;
};

#if defined(__x86_64__)
constexpr uint16_t kNative = EM_X86_64, kOther = EM_AARCH64;
#else
constexpr uint16_t kNative = EM_AARCH64, kOther = EM_X86_64;
#endif

bool inside(iree_hal_string_t text, const uint8_t* bytes, size_t size) {
  auto begin = reinterpret_cast<uintptr_t>(text.data), low = reinterpret_cast<uintptr_t>(bytes);
  return begin >= low && begin - low <= size && text.size <= size - (begin - low);
}

void check_accepted(const ElfImage& image, const uint8_t* bytes, size_t size) {
  uint64_t end = image.begin;
  for (const ElfSegment& s : image.segments) {
    expect(!(s.writable && s.executable), "W^X");
    expect(s.offset <= size && s.file_size <= size - s.offset, "segment inside the file");
    expect(s.file_size <= s.memory_size && s.address >= end, "segments are disjoint");
    end = s.address + s.memory_size;
  }
  expect(end <= image.end, "the span covers all");
  expect(inside(image.features, bytes, size) && inside(image.target, bytes, size), "texts inside");
  for (const ElfEntry& e : image.entries) {
    expect(inside(e.name, bytes, size), "name inside");
    bool executable = false;
    for (const ElfSegment& s : image.segments) {
      executable |=
          s.executable && e.entry.address >= s.address && e.entry.address < s.address + s.file_size;
    }
    expect(executable, "entry in code");
  }
}

// True if accepted.
bool run_once(const Bytes& input, uint16_t machine) {
  // Of its exact size, so that the sanitizer sees the first byte too many.
  auto* bytes = static_cast<uint8_t*>(malloc(input.size()));
  if (!input.empty()) memcpy(bytes, input.data(), input.size());
  bool accepted = false;
  {
    ElfImage image;
    iree_hal_status_t status = read_elf({bytes, input.size()}, machine, &image);
    accepted = !status;
    if (accepted) {
      check_accepted(image, bytes, input.size());
      // Mapping is slow: only now and then. An image may want more memory or pages of another size
      // than there are.
      static uint64_t maps = 0;
      if (machine == kNative && maps++ % 16 == 0) {
        ExecutableRef executable;
        iree_hal_code_t code = code_of(Executable::create(
            hal::make_string(kFormat), {bytes, input.size()}, {}, executable.out()));
        expect(code == IREE_HAL_OK || code == IREE_HAL_INCOMPATIBLE ||
                   code == IREE_HAL_RESOURCE_EXHAUSTED,
               "mapped");
      }
    } else {
      expect(status->code == IREE_HAL_DATA_LOSS || status->code == IREE_HAL_INCOMPATIBLE,
             status->message);
      hal::free_status(status);
    }
  }
  free(bytes);
  return accepted;
}

Bytes read_file(const char* path) {
  Bytes bytes;
  FILE* file = fopen(path, "rb");
  expect(file != nullptr, path);
  for (int c; (c = fgetc(file)) != EOF;) bytes.push_back(static_cast<uint8_t>(c));
  fclose(file);
  return bytes;
}

int32_t kernel(const iree_cpu_dispatch_t*, const iree_cpu_workgroup_t*) { return 0; }

}  // namespace

int fuzz(uint64_t executions, uint64_t seed, const std::vector<std::string>& files) {
  std::vector<Bytes> corpus = {
      make_image({{kernel}}),
      make_image({{kernel, 3, 4, 64, "first"}, {kernel, 0, 0, 0, ""}, {kernel, 64, 256, 4096, "x"}},
                 "sse2,avx2"),
      make_image({{kernel}}, "a,b,,c"),
  };
  for (const std::string& file : files) corpus.push_back(read_file(file.c_str()));
  for (const Bytes& image : corpus) {
    expect(run_once(image, kNative), "the unchanged image is accepted");
    expect(!run_once(image, kOther), "but not by another machine");
  }
  Mutator mutator(seed);
  uint64_t accepted = 0;
  for (uint64_t i = 0; i < executions; ++i) {
    Bytes bytes = corpus[mutator.below(corpus.size())];
    mutator.mutate(&bytes);
    accepted += run_once(bytes, kNative);
  }
  printf("%llu executions, seed %llu, %llu accepted, no finding\n",
         static_cast<unsigned long long>(executions), static_cast<unsigned long long>(seed),
         static_cast<unsigned long long>(accepted));
  return 0;
}

}  // namespace iree::hal_cpu::test

int main(int argc, char** argv) {
  uint64_t executions = argc > 1 ? strtoull(argv[1], nullptr, 10) : 100000;
  uint64_t seed = argc > 2 ? strtoull(argv[2], nullptr, 10) : 1;
  std::vector<std::string> files;
  for (int i = 3; i < argc; ++i) files.push_back(argv[i]);
  return iree::hal_cpu::test::fuzz(executions, seed, files);
}
