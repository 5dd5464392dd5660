// The driver under threads and under loss, for sanitizers: `webgpu_test LIBRARY [SPIRV...]`. Prints
// what failed. The modules are changed at random and rewritten for Tint.
#include <stdlib.h>

#include <fstream>
#include <iterator>
#include <random>
#include <thread>

#include "buffer.h"
#include "driver.h"
#include "tint.h"

using namespace iree;
using hal::Ref;

namespace {

void expect(bool condition, const char* what) {
  if (condition) return;
  fprintf(stderr, "failed: %s\n", what);
  abort();
}

void expect_ok(iree_hal_status_t status) {
  if (status) fprintf(stderr, "%s\n", status->message);
  expect(!status, "a call");
}

iree_hal_code_t code_of(iree_hal_status_t status) {
  hal::Status owned(status);
  return owned ? owned->code : IREE_HAL_OK;
}

using DeviceRef = Ref<iree_hal_device_t>;
using BufferRef = Ref<iree_hal_buffer_t>;
using SemaphoreRef = Ref<iree_hal_semaphore_t>;

DeviceRef open_device(const char* path) {
  DeviceRef device;
  const iree_hal_driver_t* driver = hal_webgpu::driver();
  expect_ok(driver->create_device(driver, hal::make_string(path), nullptr, 0, device.out()));
  return device;
}

BufferRef allocate(const DeviceRef& device, uint64_t length) {
  constexpr iree_hal_buffer_params_t params = {
      0, IREE_HAL_USAGE_TRANSFER | IREE_HAL_USAGE_STORAGE | IREE_HAL_USAGE_MAPPING};
  BufferRef buffer;
  expect_ok(device->vtable->allocate(device.get(), params, length, buffer.out()));
  return buffer;
}

SemaphoreRef make_semaphore(const DeviceRef& device) {
  SemaphoreRef semaphore;
  expect_ok(device->vtable->create_semaphore(device.get(), 0, semaphore.out()));
  return semaphore;
}

iree_hal_binding_t part(const BufferRef& buffer, uint64_t offset, uint64_t length) {
  return {buffer.get(), 0, 0, offset, length};
}

iree_hal_status_t wait(const SemaphoreRef& semaphore, uint64_t value) {
  return semaphore->vtable->wait(semaphore.get(), value, hal::deadline_after(60'000'000'000));
}

// Each thread fills, copies and maps on its own timeline, some of it in one buffer that all share.
void worker(const DeviceRef& device, const BufferRef& shared, unsigned index) {
  const auto* table = device->vtable;
  SemaphoreRef timeline = make_semaphore(device);
  iree_hal_timepoint_t at = {timeline.get(), 0};
  for (int step = 0; step < 40; ++step) {
    BufferRef own = allocate(device, 1000 + 7 * step);
    const uint8_t pattern = static_cast<uint8_t>(step * 4 + index);
    iree_hal_timepoint_t next = {timeline.get(), at.value + 1};
    expect_ok(table->queue_fill(device.get(), {&at, 1}, {&next, 1},
                                part(own, 0, IREE_HAL_WHOLE_BUFFER), &pattern, 1));
    at = next;
    next.value++;
    expect_ok(table->queue_copy(device.get(), {&at, 1}, {&next, 1}, part(own, 3, 101),
                                part(shared, index * 1024 + 1, 101)));
    at = next;
    if (step % 3) continue;
    expect_ok(wait(timeline, at.value));
    void* data = nullptr;
    const uint64_t offset = index * 1024 + 1;
    const auto* buffer = shared->vtable;
    expect_ok(buffer->map_range(shared.get(), IREE_HAL_ACCESS_READ, offset, 101, &data));
    for (int i = 0; i < 101; ++i) expect(static_cast<uint8_t*>(data)[i] == pattern, "contents");
    buffer->unmap_range(shared.get(), IREE_HAL_ACCESS_READ, offset, 101);
    expect_ok(buffer->map_range(shared.get(), IREE_HAL_ACCESS_WRITE, offset, 101, &data));
    memset(data, 0, 101);
    buffer->unmap_range(shared.get(), IREE_HAL_ACCESS_WRITE, offset, 101);
  }
  expect_ok(wait(timeline, at.value));
}

void test_threads(const char* path) {
  DeviceRef device = open_device(path);
  BufferRef shared = allocate(device, 4096);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 4; ++i) threads.emplace_back([=] { worker(device, shared, i); });
  for (std::thread& thread : threads) thread.join();
}

// What runs, what waits, and what comes later all end with UNAVAILABLE and Dawn's reason.
void test_loss(const char* path) {
  DeviceRef device = open_device(path);
  const auto* table = device->vtable;
  BufferRef buffer = allocate(device, 1 << 20);
  SemaphoreRef start = make_semaphore(device), running = make_semaphore(device),
               waiting = make_semaphore(device), later = make_semaphore(device);
  iree_hal_timepoint_t points[] = {
      {start.get(), 1}, {running.get(), 1}, {waiting.get(), 1}, {later.get(), 1}};
  const iree_hal_binding_t all = part(buffer, 0, IREE_HAL_WHOLE_BUFFER);
  expect_ok(table->queue_fill(device.get(), {}, {&points[1], 1}, all, "abcd", 4));
  expect_ok(table->queue_fill(device.get(), {&points[0], 1}, {&points[2], 1}, all, "abcd", 4));
  {
    auto* own = static_cast<hal_webgpu::Device*>(device.get());
    std::lock_guard lock(own->gate);
    hal_webgpu::dawn().DeviceForceLoss(own->handle, 1, {"unplugged by the test", SIZE_MAX});
  }
  hal::Status first(wait(running, 1));  // it may have ended before
  expect(!first || first->code == IREE_HAL_UNAVAILABLE, "what runs");
  expect_ok(start->vtable->signal(start.get(), 1));
  hal::Status second(wait(waiting, 1));
  expect(second && second->code == IREE_HAL_UNAVAILABLE, "what waits");
  expect(strstr(second->message, "unplugged by the test"), "the reason");
  iree_hal_status_t third = table->queue_fill(device.get(), {}, {&points[3], 1}, all, "abcd", 4);
  expect(code_of(third ? third : wait(later, 1)) == IREE_HAL_UNAVAILABLE, "what comes later");
  BufferRef other;
  expect(code_of(table->allocate(device.get(), {}, 64, other.out())) == IREE_HAL_UNAVAILABLE,
         "memory");
  open_device(path);  // another one is not harmed
}

// The last reference goes on the device's own thread.
void test_dropped_by_its_thread(const char* path) {
  for (int i = 0; i < 10; ++i) {
    DeviceRef device = open_device(path);
    SemaphoreRef start = make_semaphore(device), end = make_semaphore(device);
    iree_hal_timepoint_t begin = {start.get(), 1}, done = {end.get(), 1};
    const BufferRef buffer = allocate(device, 64);
    expect_ok(device->vtable->queue_fill(device.get(), {&begin, 1}, {&done, 1},
                                         part(buffer, 0, IREE_HAL_WHOLE_BUFFER), "x", 1));
    device.reset();
    const_cast<BufferRef&>(buffer).reset();
    expect_ok(start->vtable->signal(start.get(), 1));
    expect_ok(wait(end, 1));
  }
}

// Whether all instructions lie within the words, which is what the container's reader sees to.
bool is_well_formed(const std::vector<uint32_t>& words) {
  for (size_t at = 5; at < words.size();) {
    const uint32_t count = words[at] >> 16;
    if (count == 0 || count > words.size() - at) return false;
    at += count;
  }
  return words.size() >= 5;
}

void test_rewriting(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<uint32_t> module(bytes.size() / 4);
  memcpy(module.data(), bytes.data(), module.size() * 4);
  expect(is_well_formed(module), "a module of the test's");
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) {
    std::vector<uint32_t> mutant = module;
    for (unsigned n = 1 + random() % 4; n; --n) {
      const uint32_t choices[] = {static_cast<uint32_t>(random()), random() % 64u,
                                  module[random() % module.size()]};
      mutant[5 + random() % (mutant.size() - 5)] = choices[random() % 3];
    }
    if (!is_well_formed(mutant)) continue;
    const std::vector<uint32_t> made =
        hal_webgpu::for_tint(mutant.data(), static_cast<uint32_t>(mutant.size()));
    expect(is_well_formed(made), "a rewritten module");
  }
}

}  // namespace

int main(int argc, char** argv) {
  expect(argc > 1, "usage: webgpu_test LIBRARY [SPIRV...]");
  for (int i = 2; i < argc; ++i) test_rewriting(argv[i]);
  const char* path = "";
  hal_webgpu::set_library(argv[1]);
  test_threads(path);
  test_loss(path);
  test_dropped_by_its_thread(path);
  puts("no finding");
}
