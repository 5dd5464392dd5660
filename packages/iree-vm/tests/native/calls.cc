// What the Python extension does with the VM, by many threads at once and on the CPU driver: calls
// that block, calls submitted in chains, calls in the background, contexts that come and go. Meant
// for builds with the thread sanitizer.
//
// Usage: vm_calls MODULE ROUNDS
// The module has the export `run` (rrr:r): of three floats, four: the first, 2, the third, all bits
// set.
#include <random>
#include <thread>

#include "driver.h"
#include "support.h"

namespace iree::vm::test {
namespace {

constexpr int kThreads = 4;
constexpr int kCalls = 100;
constexpr uint32_t kF32 = IREE_HAL_F32;

hal::Ref<iree_hal_device_t> open_cpu(const char* threads) {
  iree_hal_option_t option = {hal::make_string("threads"), hal::make_string(threads)};
  hal::Ref<iree_hal_device_t> device;
  const iree_hal_driver_t* driver = hal_cpu::driver();
  hal::check(driver->create_device(driver, hal::make_string(""), &option, 1, device.out()));
  return device;
}

// Three floats of the host's, kept until the device is done with them.
Ref import_floats(iree_hal_device_t* device, float first, float third) {
  auto* data = static_cast<float*>(aligned_alloc(64, 64));
  data[0] = first;
  data[1] = -1;
  data[2] = third;
  hal::Ref<iree_hal_buffer_t> buffer;
  hal::check(device->vtable->import_host(device,
                                         {0, IREE_HAL_USAGE_TRANSFER | IREE_HAL_USAGE_STORAGE},
                                         data, 12, {free, data}, buffer.out()));
  const int64_t shape[] = {3};
  iree_hal_buffer_view_t* view = nullptr;
  hal::check(hal::make_buffer_view(buffer.get(), 0, kF32, 1, shape, &view));
  return Ref::adopt(RefType::kView, view);
}

// The first three floats of a result, as an input.
Ref shorten(const Ref& result) {
  auto* view = result.as<iree_hal_buffer_view_t>();
  const int64_t shape[] = {3};
  iree_hal_buffer_view_t* shorter = nullptr;
  hal::check(hal::make_buffer_view(view->buffer, view->offset, kF32, 1, shape, &shorter));
  return Ref::adopt(RefType::kView, shorter);
}

void expect_result(const Ref& result, float first, float third) {
  auto* view = result.as<iree_hal_buffer_view_t>();
  auto* values = static_cast<const float*>(view->buffer->host_pointer) + view->offset / 4;
  EXPECT(values[0] == first && values[1] == 2 && values[2] == third);
}

struct Started {
  hal::Ref<Invocation> invocation;
  hal::Ref<iree_hal_fence_t> signal;
};

Started prepare(Context& context, Ref input, iree_hal_fence_t* wait) {
  Started call{context.acquire(), {}};
  call.signal = context.acquire_signal(*call.invocation.get());
  const Export* e = context.module->find_export("run");
  EXPECT(e);
  call.invocation->begin(context.module->functions[e->function]);
  call.invocation->ref_argument(0) = std::move(input);
  call.invocation->ref_argument(1) = Ref::retain(RefType::kFence, wait);
  call.invocation->ref_argument(2) = Ref::retain(RefType::kFence, call.signal.get());
  return call;
}

Ref run(Context& context, Started& call) {
  call.invocation->run_blocking(never_stop, nullptr);
  EXPECT(!call.invocation->failed());
  return call.invocation->ref_results[0];
}

void block(Context& context, float x) {
  Started call = prepare(context, import_floats(context.devices[0].get(), x, x + 1), nullptr);
  Ref result = run(context, call);
  hal::check(hal::wait(hal::timepoints(call.signal.get()), IREE_HAL_INFINITE));
  context.recycle(std::move(call.invocation));
  expect_result(result, x, x + 1);
}

void submit_chain(Context& context, float x) {
  Ref value = import_floats(context.devices[0].get(), x, x + 1);
  hal::Ref<iree_hal_fence_t> ready;
  for (int i = 0; i < 8; ++i) {
    Started call = prepare(context, i ? shorten(value) : value, ready.get());
    value = run(context, call);
    ready = std::move(call.signal);
    call.invocation->timeline.reset();
    context.recycle(std::move(call.invocation));
  }
  hal::check(hal::wait(hal::timepoints(ready.get()), IREE_HAL_INFINITE));
  expect_result(value, x, x + 1);
}

std::atomic<int> pending{0};

void background(hal::Ref<Context> context, bool cancel) {
  Started call = prepare(*context.get(), import_floats(context->devices[0].get(), 3, 4), nullptr);
  auto done = [](void*, Task& task) {
    if (task.invocation->failed()) {
      EXPECT(task.invocation->failure.code == IREE_HAL_CANCELLED);
      task.context->fail_signal(*task.invocation.get(), task.signal.get());
    } else {
      expect_result(task.invocation->ref_results[0], 3, 4);
      task.context->recycle(std::move(task.invocation));
    }
    --pending;
  };
  ++pending;
  auto task = hal::Ref<Task>::adopt(new Task(std::move(context), std::move(call.invocation),
                                             std::move(call.signal), done, nullptr));
  Executor::get().start(task);
  if (cancel) task->cancel();
}

void work(const hal::Ref<Module>& module, hal::Ref<Context> shared, unsigned seed) {
  std::mt19937 rng(seed);
  for (int i = 0; i < kCalls; ++i) {
    hal::Ref<Context> context = shared;
    if (rng() % 16 == 0) context = Context::create(module, shared->devices, Limits());
    auto x = static_cast<float>(rng() % 100);
    switch (rng() % 4) {
      case 0:
        submit_chain(*context.get(), x);
        break;
      case 1:
        background(context, rng() % 4 == 0);
        break;
      default:
        block(*context.get(), x);
        break;
    }
  }
}

}  // namespace
}  // namespace iree::vm::test

int main(int argc, char** argv) {
  using namespace iree::vm;
  using namespace iree::vm::test;
  if (argc != 3) return 2;
  auto module = Module::open(argv[1]);
  int rounds = atoi(argv[2]);
  for (int r = 0; r < rounds; ++r) {
    auto context = Context::create(module, {open_cpu(r % 2 ? "1" : "3")}, Limits());
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back(
          [&, t] { work(module, context, static_cast<unsigned>(r * kThreads + t)); });
    for (std::thread& thread : threads) thread.join();
  }
  for (int i = 0; i < 5000 && pending; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT(pending == 0);
  printf("%d rounds of %d calls\n", rounds, kThreads * kCalls);
  return 0;
}
