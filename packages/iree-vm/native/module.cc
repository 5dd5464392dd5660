#include "module.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "verifier.h"

namespace iree::vm {

Module::~Module() {
  if (mapping_) munmap(mapping_, file_size);
  free(storage_);
}

namespace {

struct File {
  int fd;
  ~File() {
    if (fd >= 0) close(fd);
  }
};

[[noreturn]] void throw_errno(const char* path, int error) {
  iree_hal_code_t code = error == ENOENT   ? IREE_HAL_NOT_FOUND
                         : error == EACCES ? IREE_HAL_PERMISSION_DENIED
                                           : IREE_HAL_UNKNOWN;
  throw hal::Error(hal::make_status(code, "%s: %s", path, strerror(error)));
}

}  // namespace

hal::Ref<Module> Module::open(const char* path) {
  auto module = hal::Ref<Module>::adopt(new Module());
  // What is no file, a pipe say, must not keep us waiting.
  File file{::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) throw_errno(path, errno);
  struct stat info;
  if (fstat(file.fd, &info) != 0) throw_errno(path, errno);
  if (!S_ISREG(info.st_mode)) {
    throw hal::Error(hal::make_status(IREE_HAL_INVALID_ARGUMENT, "%s: not a file", path));
  }
  if (info.st_size == 0)
    throw hal::Error(hal::make_status(IREE_HAL_DATA_LOSS, "%s: the file is empty", path));
  auto size = static_cast<size_t>(info.st_size);
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (data == MAP_FAILED) throw_errno(path, errno);
  module->mapping_ = data;
  module->file_size = size;
  try {
    verify(*module.get(), static_cast<const uint8_t*>(data));
  } catch (const hal::Error& error) {
    throw hal::Error(hal::make_status(error.code(), "%s: %s", path, error.what()));
  }
  return module;
}

hal::Ref<Module> Module::copy(const void* data, size_t size) {
  auto module = hal::Ref<Module>::adopt(new Module());
  constexpr size_t kAlignment = 4096;
  module->storage_ = aligned_alloc(kAlignment, (size / kAlignment + 1) * kAlignment);
  if (!module->storage_) throw hal::Error(hal::out_of_memory());
  if (size) memcpy(module->storage_, data, size);
  module->file_size = size;
  verify(*module.get(), static_cast<const uint8_t*>(module->storage_));
  return module;
}

std::string_view Module::location(uint32_t function, uint64_t word) const {
  auto after =
      std::upper_bound(locations.begin(), locations.end(), std::pair(uint64_t{function}, word),
                       [](const auto& key, const Location& l) {
                         return key < std::pair(uint64_t{l.function}, uint64_t{l.word});
                       });
  if (after == locations.begin() || std::prev(after)->function != function) return {};
  return std::prev(after)->text;
}

const Export* Module::find_export(std::string_view name) const {
  for (const Export& e : exports) {
    if (e.name == name) return &e;
  }
  return nullptr;
}

ByteBuffer* ByteBuffer::make(const Module& module, const Rodata& rodata) {
  auto* buffer = new ByteBuffer();
  buffer->module = hal::Ref<Module>::retain(const_cast<Module*>(&module));
  buffer->data = rodata.data;
  buffer->length = rodata.length;
  return buffer;
}

}  // namespace iree::vm
