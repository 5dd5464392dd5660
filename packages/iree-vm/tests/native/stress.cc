// Many threads, tasks, cancellations and time-outs on one context. Meant for builds with the thread
// sanitizer.
//
// Usage: vm_stress GATE_MODULE ROUNDS
// The module has plain exports `arm` (r:, stores a fence), `wait` (i:i, waits for it) and `next`
// (:I, counts).
#include <random>
#include <thread>

#include "support.h"

namespace iree::vm::test {
namespace {

constexpr int kThreads = 4;
constexpr int kTasks = 200;

const Function& function(const Context& context, const char* name) {
  const Export* e = context.module->find_export(name);
  EXPECT(e);
  return context.module->functions[e->function];
}

struct Counts {
  std::atomic<int> done{0}, ok{0}, cancelled{0}, late{0}, calls{0};
};

void count(void* user_data, Task& task) {
  auto* counts = static_cast<Counts*>(user_data);
  switch (task.invocation->failure.code) {
    case IREE_HAL_OK:
      counts->ok++;
      break;
    case IREE_HAL_CANCELLED:
      counts->cancelled++;
      break;
    case IREE_HAL_DEADLINE_EXCEEDED:
      counts->late++;
      break;
    default:
      fail(task.invocation->failure.message);
  }
  if (!task.invocation->failed()) task.context->recycle(std::move(task.invocation));
  counts->done++;
}

// Of tasks that count up.
void count_next(void* user_data, Task& task) {
  if (!task.invocation->failed()) static_cast<Counts*>(user_data)->calls++;
  count(user_data, task);
}

void call(Context& context, const char* name, Ref argument) {
  hal::Ref<Invocation> invocation = context.acquire();
  const Function& f = function(context, name);
  invocation->begin(f);
  if (f.ref_arguments) invocation->ref_argument(0) = std::move(argument);
  invocation->run_blocking(never_stop, nullptr);
  EXPECT(!invocation->failed());
  context.recycle(std::move(invocation));
}

void round(hal::Ref<Context> context, iree_hal_device_t* device, unsigned seed, Counts& counts) {
  hal::Ref<iree_hal_semaphore_t> semaphore;
  hal::check(device->vtable->create_semaphore(device, 0, semaphore.out()));
  iree_hal_timepoint_t point{semaphore.get(), 1};
  iree_hal_fence_t* fence = nullptr;
  hal::check(hal::make_fence({&point, 1}, &fence));
  call(*context.get(), "arm", Ref::adopt(RefType::kFence, fence));
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 rng(seed * kThreads + t);
      std::vector<hal::Ref<Task>> tasks;
      for (int i = 0; i < kTasks; ++i) {
        hal::Ref<Invocation> invocation = context->acquire();
        bool waits = rng() % 4 != 0;
        invocation->begin(function(*context.get(), waits ? "wait" : "next"));
        if (rng() % 8 == 0) invocation->deadline_ns = hal::deadline_after(rng() % 2'000'000);
        auto task = hal::Ref<Task>::adopt(
            new Task(context, std::move(invocation), nullptr, waits ? count : count_next, &counts));
        Executor::get().start(task);
        if (rng() % 4 == 0) task->cancel();
        if (rng() % 4 == 0) tasks.push_back(task);
        if (rng() % 8 == 0) {
          call(*context.get(), "next", {});
          counts.calls++;
        }
        if (t == 0 && i == kTasks / 2) hal::check(hal::signal({&point, 1}));
      }
      for (auto& task : tasks) task->cancel();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace iree::vm::test

int main(int argc, char** argv) {
  using namespace iree::vm;
  using namespace iree::vm::test;
  if (argc != 3) return 2;
  auto device = open_null_device();
  Bytes data = read_file(argv[1]);
  auto context = Context::create(Module::copy(data.data(), data.size()), {device}, Limits());
  Counts counts;
  int rounds = atoi(argv[2]);
  for (int i = 0; i < rounds; ++i) round(context, device.get(), static_cast<unsigned>(i), counts);
  int expected = rounds * kThreads * kTasks;
  for (int i = 0; i < 5000 && counts.done < expected; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT(counts.done == expected);
  EXPECT(counts.ok + counts.cancelled + counts.late == expected);
  EXPECT(context->values[0].i64 == counts.calls);  // global 0 is the counter
  printf("%d tasks: %d done, %d cancelled, %d timed out; %d calls\n", expected, counts.ok.load(),
         counts.cancelled.load(), counts.late.load(), counts.calls.load());
  return 0;
}
