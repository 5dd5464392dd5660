// What the native test programs share: modules and a device.
#ifndef IREE_VM_TESTS_SUPPORT_H_
#define IREE_VM_TESTS_SUPPORT_H_

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "context.h"
#include "executor.h"
#include "null_driver.h"

namespace iree::vm::test {

using Bytes = std::vector<uint8_t>;

inline Bytes read_file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

[[noreturn]] inline void fail(const std::string& message) {
  fprintf(stderr, "FAILED: %s\n", message.c_str());
  abort();
}

#define EXPECT(condition) \
  if (!(condition)) iree::vm::test::fail(std::string(__FILE__) + ": " #condition)

inline hal::Ref<iree_hal_device_t> open_null_device() {
  hal::Ref<iree_hal_device_t> device;
  hal::check(hal::null::make_device(INT64_MAX, device.out()));
  return device;
}

inline bool never_stop(void*) { return true; }

// Calls a plain export with the same number for every value argument and null for every reference.
inline void call_with(Context& context, const Export& e, int64_t number, uint64_t timeout_ns) {
  const Function& f = context.module->functions[e.function];
  hal::Ref<Invocation> invocation = context.acquire();
  invocation->begin(f);
  invocation->deadline_ns = hal::deadline_after(timeout_ns);
  for (uint32_t i = 0; i < f.value_arguments; ++i) invocation->value_argument(i).i64 = number;
  invocation->run_blocking(never_stop, nullptr);
  if (!invocation->failed()) {
    EXPECT(invocation->value_results.size() + invocation->ref_results.size() == f.results.size());
  }
  context.recycle(std::move(invocation));
}

}  // namespace iree::vm::test
#endif  // IREE_VM_TESTS_SUPPORT_H_
