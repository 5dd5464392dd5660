// Mutation fuzzing of the reader of SPIR-V executables: well-formed containers with bytes changed,
// fields set to awkward values, parts cut or moved, the checksum made right again. Made for a build
// with the address and undefined-behaviour sanitizers; checks besides that what the reader accepts
// holds what it promises. Deterministic for a seed.
//
// Usage: fuzz_executable EXECUTIONS SEED FILE...: each file is a container to start from.
#include <stdlib.h>

#include <random>
#include <vector>

#include "iree/spirv_executable.hpp"

namespace iree::spirv {
namespace {

using Bytes = std::vector<uint8_t>;

void expect(bool condition, const char* what) {
  if (condition) return;
  fprintf(stderr, "FAILED: %s\n", what);
  abort();
}

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}
  uint64_t below(uint64_t n) { return n ? random_() % n : 0; }

  void mutate(Bytes* bytes) {
    for (uint64_t i = 0, count = 1 + below(4); i < count && bytes->size() >= 48; ++i)
      mutate_once(bytes);
    if (bytes->size() < 48 || below(16) == 0) return;
    // Past the first two checks, where there is more to find.
    const auto size = static_cast<uint32_t>(bytes->size());
    memcpy(bytes->data() + 8, &size, 4);
    const uint32_t checksum = crc32(bytes->data() + 16, bytes->size() - 16);
    memcpy(bytes->data() + 12, &checksum, 4);
  }

 private:
  void mutate_once(Bytes* bytes) {
    const uint32_t awkward[] = {0,
                                1,
                                2,
                                3,
                                4,
                                5,
                                8,
                                31,
                                32,
                                48,
                                0x7FFFFFFF,
                                0x80000000,
                                0xFFFFFFFF,
                                0xFFFFFFFC,
                                0x10000,
                                0x00020011,
                                0x0003000E,
                                0x00040047,
                                static_cast<uint32_t>(bytes->size()),
                                static_cast<uint32_t>(bytes->size() - 4)};
    const uint64_t words = bytes->size() / 4;
    // Fields: the header, the tables behind the modules, the modules' first words.
    uint64_t at = 4 * (below(3) ? below(words) : below(12));
    switch (below(7)) {
      case 0:
        (*bytes)[at] = static_cast<uint8_t>(below(256));
        break;
      case 1:
        (*bytes)[at + below(4)] ^= static_cast<uint8_t>(1u << below(8));
        break;
      case 2:
      case 3:
        memcpy(bytes->data() + at, &awkward[below(std::size(awkward))], 4);
        break;
      case 4: {
        uint32_t value;
        memcpy(&value, bytes->data() + at, 4);
        value += static_cast<uint32_t>(below(17)) - 8;
        memcpy(bytes->data() + at, &value, 4);
        break;
      }
      case 5: {
        const uint64_t from = 4 * below(words), size = 4 * below(32);
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

bool inside(iree_hal_string_t text, const uint8_t* bytes, size_t size) {
  auto begin = reinterpret_cast<uintptr_t>(text.data), low = reinterpret_cast<uintptr_t>(bytes);
  return begin >= low && begin - low <= size && text.size <= size - (begin - low);
}

void check_accepted(const Executable& code, const uint8_t* bytes, size_t size) {
  for (uint32_t i = 0; i < code.module_count(); ++i) {
    const Module& module = code.module(i);
    // What a driver does with it: reads instruction after instruction.
    uint32_t sum = 0;
    for (uint32_t at = 5; at < module.word_count; at += module.words[at] >> 16) {
      const uint32_t count = module.words[at] >> 16;
      expect(count && count <= module.word_count - at, "instructions end with the module");
      for (uint32_t k = 0; k < count; ++k) sum += module.words[at + k];
    }
    expect(sum != 1, "read");
  }
  for (uint32_t i = 0; i < code.entry_count(); ++i) {
    const Entry& entry = code.entry(i);
    expect(entry.module < code.module_count(), "the entry's module is there");
    expect(inside(entry.entry_name, bytes, size) && inside(entry.label_text, bytes, size),
           "texts inside");
    expect(entry.binding_count <= IREE_SPIRV_MAX_BINDINGS, "bindings");
    expect(entry.constant_count <= IREE_SPIRV_MAX_CONSTANTS, "constants");
    expect(code.module(entry.module).binding_end <= IREE_SPIRV_MAX_BINDINGS + 1,
           "bindings of the module");
  }
}

// True if accepted.
bool run_once(const Bytes& input, const char* format) {
  // Of its exact size, so that the sanitizer sees the first byte too many.
  auto* bytes = static_cast<uint8_t*>(malloc(input.size() ? input.size() : 1));
  if (!input.empty()) memcpy(bytes, input.data(), input.size());
  bool accepted = false;
  {
    Executable code;
    iree_hal_status_t status =
        Executable::read(hal::make_string(format), {bytes, input.size()}, &code);
    accepted = !status;
    if (accepted) {
      check_accepted(code, bytes, input.size());
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

int fuzz(uint64_t executions, uint64_t seed, const std::vector<const char*>& files) {
  std::vector<Bytes> corpus;
  for (const char* file : files) {
    corpus.push_back(read_file(file));
    expect(run_once(corpus.back(), IREE_SPIRV_FORMAT_VULKAN) !=
               run_once(corpus.back(), IREE_SPIRV_FORMAT_PORTABLE),
           "the unchanged container is accepted as one format");
  }
  Mutator mutator(seed);
  uint64_t accepted = 0;
  for (uint64_t i = 0; i < executions; ++i) {
    Bytes bytes = corpus[mutator.below(corpus.size())];
    mutator.mutate(&bytes);
    accepted +=
        run_once(bytes, mutator.below(8) ? IREE_SPIRV_FORMAT_VULKAN : IREE_SPIRV_FORMAT_PORTABLE);
  }
  printf("%llu executions, seed %llu, %llu accepted, no finding\n",
         static_cast<unsigned long long>(executions), static_cast<unsigned long long>(seed),
         static_cast<unsigned long long>(accepted));
  return 0;
}

}  // namespace
}  // namespace iree::spirv

int main(int argc, char** argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: %s EXECUTIONS SEED FILE...\n", argv[0]);
    return 2;
  }
  return iree::spirv::fuzz(strtoull(argv[1], nullptr, 10), strtoull(argv[2], nullptr, 10),
                           {argv + 3, argv + argc});
}
