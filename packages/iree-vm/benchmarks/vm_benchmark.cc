// What the VM itself costs, from C++; benchmarks/vm_benchmark.py builds the module and runs this.
//
// Usage: vm_benchmark MODULE   prints JSON: minima over repetitions, in nanoseconds.
// The module has plain exports `empty` (:), `calls` (I:, calls an empty function that often) and
// `loop` (I:I, so many iterations).
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "context.h"

namespace {

using namespace iree;
using namespace iree::vm;

constexpr int kRepetitions = 100;

template <typename Body>
double minimum(Body body) {
  double best = 1e18;
  for (int i = 0; i < kRepetitions; ++i) {
    uint64_t start = hal::now_ns();
    body();
    best = std::min(best, static_cast<double>(hal::now_ns() - start));
  }
  return best;
}

const Function& function(const Context& context, const char* name) {
  const Export* e = context.module->find_export(name);
  if (!e) abort();
  return context.module->functions[e->function];
}

void call(Invocation& invocation, const Function& f, int64_t argument) {
  invocation.begin(f);
  if (f.value_arguments) invocation.value_argument(0).i64 = argument;
  invocation.run_blocking([](void*) { return true; }, nullptr);
  if (invocation.failed()) abort();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  double open = minimum([&] { Module::open(argv[1]); });
  auto context = Context::create(Module::open(argv[1]), {}, Limits());
  auto invocation = context->acquire();
  constexpr int64_t kCount = 200'000;
  const Function &empty = function(*context.get(), "empty"),
                 &calls = function(*context.get(), "calls"),
                 &loop = function(*context.get(), "loop");
  double outer = minimum([&] {
                   for (int i = 0; i < kCount / 10; ++i) call(*invocation.get(), empty, 0);
                 }) /
                 (kCount / 10);
  double iteration = minimum([&] { call(*invocation.get(), loop, kCount); }) / kCount;
  double inner = minimum([&] { call(*invocation.get(), calls, kCount); }) / kCount - iteration;
  printf(
      "{\"open_ns\": %.0f, \"call_from_cpp_ns\": %.2f, \"call_ns\": %.2f, \"iteration_ns\": "
      "%.2f}\n",
      open, outer, inner, iteration);
  return 0;
}
