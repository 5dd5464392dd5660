// Mutated modules and raw bytes into the reader; what it accepts is run. Meant for builds with
// sanitizers.
//
// Usage: vm_fuzz EXECUTIONS SEED MODULE…
#include <random>
#include <utility>

#include "support.h"

// An allocation that is too large is an error like any other.
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options() {
  return "allocator_may_return_null=1:max_allocation_size_mb=512:quarantine_size_mb=16";
}

namespace iree::vm::test {
namespace {

constexpr uint64_t kTimeout = 2'000'000;  // ns of a run

// The semaphores of a run. Operations of a module may wait for each other in a circle: such a
// deadlock stays until a semaphore fails, and it would be taken for a leak.
class Semaphores {
 public:
  // Has `device` record what it makes.
  static void record(iree_hal_device_t* device) {
    static iree_hal_device_vtable_t table = *device->vtable;
    static const auto create = table.create_semaphore;
    table.create_semaphore = [](iree_hal_device_t* self, uint64_t value,
                                iree_hal_semaphore_t** out) {
      iree_hal_status_t status = create(self, value, out);
      if (!status) made().push_back(hal::Ref<iree_hal_semaphore_t>::retain(*out));
      return status;
    };
    device->vtable = &table;
  }

  // At the end of a run: lets go of all, then fails those that still hold each other.
  static void end() {
    auto is_free = [](const auto& semaphore) {
      return __atomic_load_n(&semaphore->object.reference_count, __ATOMIC_ACQUIRE) == 1;
    };
    while (std::erase_if(made(), is_free)) {
    }
    for (const auto& semaphore : std::exchange(made(), {})) {
      semaphore->vtable->fail(semaphore.get(), hal::make_status(IREE_HAL_ABORTED, "a circle"));
    }
  }

 private:
  static std::vector<hal::Ref<iree_hal_semaphore_t>>& made() {
    static std::vector<hal::Ref<iree_hal_semaphore_t>> all;
    return all;
  }
};

class Fuzzer {
 public:
  Fuzzer(uint64_t seed, std::vector<Bytes> corpus, hal::Ref<iree_hal_device_t> device)
      : rng_(seed), corpus_(std::move(corpus)), device_(std::move(device)) {
    Semaphores::record(device_.get());
  }

  void step() {
    Bytes data = mutated();
    try {
      auto module = Module::copy(data.data(), data.size());
      ++accepted;
      run(std::move(module));
    } catch (const hal::Error&) {
      // Refused, or its initializer trapped.
    }
    Semaphores::end();
  }

  uint64_t accepted = 0;

 private:
  uint64_t below(uint64_t n) { return rng_() % n; }

  Bytes mutated() {
    if (below(64) == 0) {
      Bytes raw(below(512));
      for (uint8_t& byte : raw) byte = static_cast<uint8_t>(rng_());
      return raw;
    }
    Bytes data = corpus_[below(corpus_.size())];
    // Mostly one small change, so that many get past the tables and into the code.
    for (uint64_t n = 1 + (below(4) == 0 ? below(6) : 0); n && !data.empty(); --n) mutate(data);
    return data;
  }

  void mutate(Bytes& data) {
    constexpr uint64_t kInteresting[] = {0,
                                         1,
                                         2,
                                         0x7F,
                                         0x80,
                                         0xFF,
                                         0x7FFF,
                                         0xFFFF,
                                         0x7FFFFFFF,
                                         0xFFFFFFFF,
                                         0x7FFFFFFFFFFFFFFF,
                                         0xFFFFFFFFFFFFFFFF};
    uint64_t at = below(data.size());
    switch (below(8)) {
      case 0:
        data[at] = static_cast<uint8_t>(rng_());
        break;
      case 1:
        data[at] ^= static_cast<uint8_t>(1u << below(8));
        break;
      case 2:
        put(data, at, kInteresting[below(std::size(kInteresting))], 1u << below(4));
        break;
      case 3:
        data.resize(at);
        break;
      case 4:
        put(data, at & ~uint64_t{1}, below(300), 2);
        break;
      case 5:
        put(data, at & ~uint64_t{7}, below(2 * data.size()), 8);
        break;
      case 6: {  // words from elsewhere, of this module or another
        const Bytes& other = corpus_[below(corpus_.size())];
        uint64_t from = below(other.size()) & ~uint64_t{1};
        for (uint64_t i = 0;
             i < 2 * (1 + below(8)) && from + i < other.size() && at + i < data.size(); ++i) {
          data[(at & ~uint64_t{1}) + i] = other[from + i];
        }
        break;
      }
      default:
        data[at] = static_cast<uint8_t>(data[at] + (below(2) ? 1 : 255));
        break;
    }
  }

  static void put(Bytes& data, uint64_t at, uint64_t value, uint64_t size) {
    for (uint64_t i = 0; i < size && at + i < data.size(); ++i)
      data[at + i] = static_cast<uint8_t>(value >> (8 * i));
  }

  void run(hal::Ref<Module> module) {
    auto context = Context::create(std::move(module), {device_}, {64, 1 << 18}, [](Invocation& i) {
      i.deadline_ns = hal::deadline_after(kTimeout);
      i.run_blocking(never_stop, nullptr);
    });
    for (const Export& e : context->module->exports) {
      call_with(*context.get(), e, static_cast<int64_t>(below(5)) - 1, kTimeout);
    }
  }

  std::mt19937_64 rng_;
  std::vector<Bytes> corpus_;
  hal::Ref<iree_hal_device_t> device_;
};

}  // namespace
}  // namespace iree::vm::test

int main(int argc, char** argv) {
  using namespace iree::vm::test;
  if (argc < 4) return 2;
  std::vector<Bytes> corpus;
  for (int i = 3; i < argc; ++i) corpus.push_back(read_file(argv[i]));
  Fuzzer fuzzer(strtoull(argv[2], nullptr, 10), std::move(corpus), open_null_device());
  uint64_t executions = strtoull(argv[1], nullptr, 10);
  for (uint64_t i = 0; i < executions; ++i) {
    fuzzer.step();
    if ((i + 1) % 1'000'000 == 0) fprintf(stderr, "%llu executions\n", (unsigned long long)(i + 1));
  }
  printf("%llu executions, seed %s, %llu accepted and run, no finding\n",
         (unsigned long long)executions, argv[2], (unsigned long long)fuzzer.accepted);
  return 0;
}
