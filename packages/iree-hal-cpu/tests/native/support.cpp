#include "support.h"

#include <elf.h>

namespace iree::hal_cpu::test {
namespace {

constexpr size_t kPage = 65536;  // of addresses; in the file the code follows the data directly
constexpr size_t kThunk = 16;

void append(std::vector<uint8_t>* to, const void* data, size_t size) {
  auto* bytes = static_cast<const uint8_t*>(data);
  to->insert(to->end(), bytes, bytes + size);
}

// Code that jumps to an address of this process.
void append_thunk(std::vector<uint8_t>* code, uint64_t address) {
#if defined(__x86_64__)
  const uint8_t head[] = {0x48, 0xB8};              // mov rax, imm64
  const uint8_t tail[] = {0xFF, 0xE0, 0, 0, 0, 0};  // jmp rax
  append(code, head, sizeof(head));
  append(code, &address, 8);
  append(code, tail, sizeof(tail));
#else
  const uint32_t jump[] = {0x58000050, 0xD61F0200};  // ldr x16, +8; br x16
  append(code, jump, sizeof(jump));
  append(code, &address, 8);
#endif
}

std::vector<uint8_t> make_descriptor(const std::vector<Kernel>& kernels,
                                     const std::string& features) {
  const std::string target = "test";
  size_t table = sizeof(iree_cpu_library_t);
  size_t text = table + kernels.size() * sizeof(iree_cpu_entry_t);
  std::string texts = features + target;
  iree_cpu_library_t header = {};
  header.version = IREE_CPU_LIBRARY_VERSION;
  header.entry_count = static_cast<uint32_t>(kernels.size());
  header.entries_offset = static_cast<uint32_t>(table);
  header.features_offset = static_cast<uint32_t>(text);
  header.features_size = static_cast<uint32_t>(features.size());
  header.target_offset = static_cast<uint32_t>(text + features.size());
  header.target_size = static_cast<uint32_t>(target.size());
  std::vector<uint8_t> out;
  append(&out, &header, sizeof(header));
  for (size_t i = 0; i < kernels.size(); ++i) {
    iree_cpu_entry_t entry = {};
    entry.address = kPage + i * kThunk;
    entry.binding_count = kernels[i].bindings;
    entry.constant_count = kernels[i].constants;
    entry.local_memory = kernels[i].local_memory;
    entry.name_offset = static_cast<uint32_t>(text + texts.size());
    entry.name_size = static_cast<uint32_t>(kernels[i].name.size());
    entry.written_bindings =
        kernels[i].bindings < 64 ? (1ull << kernels[i].bindings) - 1 : UINT64_MAX;
    texts += kernels[i].name;
    append(&out, &entry, sizeof(entry));
  }
  append(&out, texts.data(), texts.size());
  return out;
}

}  // namespace

std::vector<uint8_t> make_image(const std::vector<Kernel>& kernels, const std::string& features) {
  std::vector<uint8_t> descriptor = make_descriptor(kernels, features);
  constexpr size_t kNote = sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr) + 4;
  Elf64_Nhdr note = {5, static_cast<Elf64_Word>(descriptor.size()), IREE_CPU_NOTE_TYPE};
  const size_t note_size = sizeof(note) + 8 + descriptor.size();
  const size_t code_size = kernels.size() * kThunk;

  Elf64_Ehdr header = {};
  memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_DYN;
#if defined(__x86_64__)
  header.e_machine = EM_X86_64;
#else
  header.e_machine = EM_AARCH64;
#endif
  header.e_version = EV_CURRENT;
  header.e_phoff = sizeof(Elf64_Ehdr);
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 3;
  const size_t data_size = (kNote + note_size + 15) / 16 * 16;
  const Elf64_Phdr segments[3] = {
      {PT_LOAD, PF_R, 0, 0, 0, data_size, data_size, kPage},
      {PT_LOAD, PF_R | PF_X, data_size, kPage, kPage, code_size, code_size, kPage},
      {PT_NOTE, PF_R, kNote, kNote, kNote, note_size, note_size, 4},
  };
  std::vector<uint8_t> image;
  append(&image, &header, sizeof(header));
  append(&image, segments, sizeof(segments));
  image.resize(kNote);
  append(&image, &note, sizeof(note));
  append(&image, "IREE\0\0\0", 8);
  append(&image, descriptor.data(), descriptor.size());
  image.resize(data_size);
  for (const Kernel& kernel : kernels) {
    append_thunk(&image, reinterpret_cast<uint64_t>(kernel.function));
  }
  return image;
}

void expect_ok(iree_hal_status_t status) {
  if (!status) return;
  fprintf(stderr, "%s: %s\n", hal::code_name(status->code), status->message);
  abort();
}

void expect(bool condition, const char* what) {
  if (condition) return;
  fprintf(stderr, "not so: %s\n", what);
  abort();
}

iree_hal_code_t code_of(iree_hal_status_t status) {
  iree_hal_code_t code = status ? status->code : IREE_HAL_OK;
  hal::free_status(status);
  return code;
}

DeviceRef open_device(unsigned threads) {
  std::string value = std::to_string(threads);
  iree_hal_option_t option = {hal::make_string("threads"), {value.data(), value.size()}};
  DeviceRef device;
  expect_ok(driver()->create_device(driver(), hal::make_string(""), &option, 1, device.out()));
  return device;
}

ExecutableRef load(const DeviceRef& device, const std::vector<Kernel>& kernels) {
  std::vector<uint8_t> image = make_image(kernels);
  ExecutableRef executable;
  expect_ok(device->vtable->prepare_executable(device.get(), hal::make_string(kFormat),
                                               {image.data(), image.size()}, {}, executable.out()));
  return executable;
}

BufferRef allocate(const DeviceRef& device, uint64_t length) {
  BufferRef buffer;
  expect_ok(device->vtable->allocate(
      device.get(), {0, IREE_HAL_USAGE_TRANSFER | IREE_HAL_USAGE_STORAGE | IREE_HAL_USAGE_MAPPING},
      length, buffer.out()));
  memset(buffer->host_pointer, 0, length);
  return buffer;
}

SemaphoreRef make_semaphore(const DeviceRef& device, uint64_t value) {
  SemaphoreRef semaphore;
  expect_ok(device->vtable->create_semaphore(device.get(), value, semaphore.out()));
  return semaphore;
}

CommandsRef make_commands(const DeviceRef& device, uint32_t slots) {
  CommandsRef commands;
  expect_ok(device->vtable->create_command_buffer(device.get(), slots, commands.out()));
  return commands;
}

void dispatch(const CommandsRef& commands, const ExecutableRef& executable, uint32_t ordinal,
              uint32_t count, const std::vector<iree_hal_binding_t>& bindings,
              const std::vector<uint32_t>& constants) {
  const uint32_t counts[3] = {count, 1, 1};
  expect_ok(commands->vtable->dispatch(commands.get(), executable.get(), ordinal, counts,
                                       constants.data(), constants.size(), bindings.data(),
                                       bindings.size()));
}

void barrier(const CommandsRef& commands) { expect_ok(commands->vtable->barrier(commands.get())); }

void finalize(const CommandsRef& commands) {
  expect_ok(commands->vtable->finalize(commands.get()));
}

iree_hal_status_t execute(const DeviceRef& device, const CommandsRef& commands,
                          const SemaphoreRef& timeline, uint64_t wait, uint64_t signal,
                          const std::vector<iree_hal_binding_t>& table) {
  iree_hal_timepoint_t waits = {timeline.get(), wait}, signals = {timeline.get(), signal};
  return device->vtable->queue_execute(device.get(), {&waits, wait ? 1u : 0u}, {&signals, 1},
                                       commands.get(), {table.data(), table.size()});
}

iree_hal_status_t wait(const SemaphoreRef& semaphore, uint64_t value, uint64_t deadline_ns) {
  return semaphore->vtable->wait(semaphore.get(), value, deadline_ns);
}

}  // namespace iree::hal_cpu::test
