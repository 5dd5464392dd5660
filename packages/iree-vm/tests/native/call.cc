// Calls exports of a module on the CPU driver without Python, so that machines can be tested that
// there is only an emulator of.
//
// Usage: vm_call MODULE < CALLS > RESULTS
// A call is the export's name and its inputs; its results follow in the same form, under the name
// "" or, of a call that failed, under the error's message. A name is its length and its bytes; the
// arrays are their count, then of each the element type, rank, sizes and bytes. All numbers are
// u32, little endian. vm_call.py is the other side.
#include "driver.h"
#include "support.h"

namespace iree::vm::test {
namespace {

void read(void* out, size_t size) {
  if (size && fread(out, size, 1, stdin) != 1) fail("the input ends within a call");
}

uint32_t read_number() {
  uint32_t number;
  read(&number, sizeof(number));
  return number;
}

std::string read_text(uint32_t length) {
  std::string text(length, 0);
  read(text.data(), length);
  return text;
}

void write(const void* data, size_t size) {
  if (size && fwrite(data, size, 1, stdout) != 1) fail("cannot write");
}

void write_number(uint64_t number) {
  auto narrow = static_cast<uint32_t>(number);
  write(&narrow, sizeof(narrow));
}

Ref read_array(iree_hal_device_t* device) {
  const std::string name = read_text(read_number());
  const uint32_t type = hal::element_type_from_name({name.data(), name.size()});
  std::vector<int64_t> shape(read_number());
  for (int64_t& size : shape) size = read_number();
  uint64_t length = 0;
  hal::check(hal::dense_size(type, shape.size(), shape.data(), &length));
  void* data = aligned_alloc(64, (length | 63) + 1);
  read(data, length);
  hal::Ref<iree_hal_buffer_t> buffer;
  hal::check(device->vtable->import_host(device,
                                         {0, IREE_HAL_USAGE_TRANSFER | IREE_HAL_USAGE_STORAGE},
                                         data, length, {free, data}, buffer.out()));
  iree_hal_buffer_view_t* view = nullptr;
  hal::check(hal::make_buffer_view(buffer.get(), 0, type, shape.size(), shape.data(), &view));
  return Ref::adopt(RefType::kView, view);
}

void write_text(const std::string& text) {
  write_number(text.size());
  write(text.data(), text.size());
}

void write_array(const Ref& result) {
  auto* view = result.as<iree_hal_buffer_view_t>();
  write_text(hal::element_type_name(view->element_type));
  write_number(view->rank);
  for (uint32_t i = 0; i < view->rank; ++i) write_number(static_cast<uint64_t>(view->shape[i]));
  write(static_cast<const char*>(view->buffer->host_pointer) + view->offset, view->length);
}

void write_failure(const std::string& message) {
  write_text(message);
  write_number(0);
}

void call(Context& context, const std::string& name) {
  std::vector<Ref> inputs(read_number());
  for (Ref& input : inputs) input = read_array(context.devices[0].get());
  const Export* e = context.module->find_export(name);
  EXPECT(e && e->convention == Convention::kFences);
  hal::Ref<Invocation> invocation = context.acquire();
  hal::Ref<iree_hal_fence_t> signal = context.acquire_signal(*invocation.get());
  const Function& function = context.module->functions[e->function];
  EXPECT(function.ref_arguments == inputs.size() + 2);
  invocation->begin(function);
  uint32_t at = 0;
  for (Ref& input : inputs) invocation->ref_argument(at++) = std::move(input);
  invocation->ref_argument(at + 1) = Ref::retain(RefType::kFence, signal.get());
  invocation->run_blocking(never_stop, nullptr);
  if (invocation->failed()) {
    context.fail_signal(*invocation.get(), signal.get());
    return write_failure(invocation->failure.message);
  }
  hal::check(hal::wait(hal::timepoints(signal.get()), IREE_HAL_INFINITE));
  write_text("");
  write_number(invocation->ref_results.size());
  for (const Ref& result : invocation->ref_results) write_array(result);
  context.recycle(std::move(invocation));
}

}  // namespace
}  // namespace iree::vm::test

int main(int argc, char** argv) {
  using namespace iree::vm;
  using namespace iree::vm::test;
  if (argc != 2) return 2;
  iree::hal::Ref<iree_hal_device_t> device;
  const iree_hal_driver_t* driver = iree::hal_cpu::driver();
  iree::hal::check(
      driver->create_device(driver, iree::hal::make_string(""), nullptr, 0, device.out()));
  try {
    auto context = Context::create(Module::open(argv[1]), {device}, Limits());
    for (uint32_t length; fread(&length, sizeof(length), 1, stdin) == 1; fflush(stdout)) {
      try {
        call(*context.get(), read_text(length));
      } catch (const iree::hal::Error& error) {
        write_failure(error.what());
      }
    }
  } catch (const iree::hal::Error& error) {
    fail(error.what());
  }
  return 0;
}
