// What the C++ tests and benchmarks share: executables whose kernels are functions of the test
// itself, and short ways to use the driver through hal.h.
#ifndef IREE_HAL_CPU_TESTS_SUPPORT_H_
#define IREE_HAL_CPU_TESTS_SUPPORT_H_

#include <string>
#include <vector>

#include "driver.h"
#include "iree/cpu_executable.h"
#include "iree/hal.hpp"

namespace iree::hal_cpu::test {

template <typename T>
using Ref = hal::Ref<T>;
using DeviceRef = Ref<iree_hal_device_t>;
using BufferRef = Ref<iree_hal_buffer_t>;
using SemaphoreRef = Ref<iree_hal_semaphore_t>;
using ExecutableRef = Ref<iree_hal_executable_t>;
using CommandsRef = Ref<iree_hal_command_buffer_t>;

struct Kernel {
  iree_cpu_kernel_t function;
  uint32_t bindings = 1;
  uint32_t constants = 0;
  uint32_t local_memory = 0;
  std::string name = "kernel";
};

inline constexpr const char* kFormat =
#if defined(__x86_64__)
    "cpu-elf-x86_64";
#else
    "cpu-elf-aarch64";
#endif

// A well-formed image whose entries jump to the functions.
std::vector<uint8_t> make_image(const std::vector<Kernel>& kernels,
                                const std::string& features = "");

// Ends the test with the message unless `status` is success; takes it.
void expect_ok(iree_hal_status_t status);
void expect(bool condition, const char* what);
// Takes the status and returns its code.
iree_hal_code_t code_of(iree_hal_status_t status);

DeviceRef open_device(unsigned threads);
ExecutableRef load(const DeviceRef& device, const std::vector<Kernel>& kernels);
BufferRef allocate(const DeviceRef& device, uint64_t length);
SemaphoreRef make_semaphore(const DeviceRef& device, uint64_t value = 0);
CommandsRef make_commands(const DeviceRef& device, uint32_t slots = 0);

void dispatch(const CommandsRef& commands, const ExecutableRef& executable, uint32_t ordinal,
              uint32_t count, const std::vector<iree_hal_binding_t>& bindings,
              const std::vector<uint32_t>& constants = {});
void barrier(const CommandsRef& commands);
void finalize(const CommandsRef& commands);

inline iree_hal_binding_t whole(const BufferRef& buffer) {
  return {buffer.get(), 0, 0, 0, IREE_HAL_WHOLE_BUFFER};
}
inline iree_hal_binding_t slot(uint32_t index) {
  return {nullptr, index, 0, 0, IREE_HAL_WHOLE_BUFFER};
}

// Executes after `wait` (0: at once) on the one timeline and signals `signal`.
iree_hal_status_t execute(const DeviceRef& device, const CommandsRef& commands,
                          const SemaphoreRef& timeline, uint64_t wait, uint64_t signal,
                          const std::vector<iree_hal_binding_t>& table = {});
iree_hal_status_t wait(const SemaphoreRef& semaphore, uint64_t value,
                       uint64_t deadline_ns = IREE_HAL_INFINITE);

}  // namespace iree::hal_cpu::test
#endif  // IREE_HAL_CPU_TESTS_SUPPORT_H_
