#include "executable.h"

#include <sys/mman.h>
#include <unistd.h>

#include "cpu_features.h"

namespace iree::hal_cpu {
namespace {

#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
constexpr const char* kFormat = "cpu-elf-x86_64";
#else
constexpr uint16_t kMachine = EM_AARCH64;
constexpr const char* kFormat = "cpu-elf-aarch64";
#endif

uint64_t align_up(uint64_t value, uint64_t to) { return (value + to - 1) & ~(to - 1); }

}  // namespace

bool is_native_format(iree_hal_string_t format) { return hal::equal(format, kFormat); }

iree_hal_status_t Executable::create(iree_hal_string_t format, iree_hal_span_t data,
                                     iree_hal_release_callback_t release,
                                     iree_hal_executable_t** out) {
  if (!is_native_format(format)) {
    return hal::make_status(IREE_HAL_INCOMPATIBLE,
                            "executable format '%.*s' does not run on this CPU, which takes '%s'",
                            static_cast<int>(format.size < 100 ? format.size : 100), format.data,
                            kFormat);
  }
  ElfImage image;
  IREE_HAL_TRY(read_elf(data, kMachine, &image));
  IREE_HAL_TRY(check_features(image.features, image.target));
  auto* executable = new (std::nothrow) Executable();
  if (!executable) return hal::out_of_memory();
  hal::init_object<iree_hal_executable_t>(executable);
  executable->object.destroy = destroy;
  auto owner = hal::Ref<iree_hal_executable_t>::adopt(executable);
  IREE_HAL_TRY(executable->map(image, static_cast<const uint8_t*>(data.data)));
  IREE_HAL_TRY(executable->make_entries(image));
  // Everything has been copied.
  if (release.fn) release.fn(release.user_data);
  *out = owner.release();
  return nullptr;
}

void Executable::destroy(void* self) { delete static_cast<Executable*>(self); }

const Executable* Executable::from(const iree_hal_executable_t* executable) {
  return executable->object.destroy == destroy ? static_cast<const Executable*>(executable)
                                               : nullptr;
}

iree_hal_status_t Executable::map(const ElfImage& image, const uint8_t* bytes) {
  const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  uint64_t alignment = page;
  for (const ElfSegment& s : image.segments) {
    if (s.alignment < page) {
      return hal::make_status(IREE_HAL_INCOMPATIBLE,
                              "CPU executable: segments are aligned to %llu bytes, but pages have "
                              "%llu here; recompile on this machine",
                              (unsigned long long)s.alignment, (unsigned long long)page);
    }
    if (s.alignment > alignment) alignment = s.alignment;
  }
  reserved_ = image.end - image.begin + alignment;
  reservation_ =
      mmap(nullptr, reserved_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reservation_ == MAP_FAILED) {
    reservation_ = nullptr;
    return hal::make_status(IREE_HAL_RESOURCE_EXHAUSTED,
                            "no address space for an executable of %zu bytes: %s", reserved_,
                            strerror(errno));
  }
  auto start = reinterpret_cast<uint64_t>(reservation_);
  base_ = static_cast<uint8_t*>(reservation_) + (align_up(start, alignment) - start);

  for (const ElfSegment& s : image.segments) {
    uint8_t* target = base_ + (s.address - image.begin);
    size_t size = align_up(s.memory_size, page);
    if (mprotect(target, size, PROT_READ | PROT_WRITE) != 0) {
      return hal::make_status(IREE_HAL_RESOURCE_EXHAUSTED,
                              "no memory for a segment of %zu bytes of an executable: %s", size,
                              strerror(errno));
    }
    memcpy(target, bytes + s.offset, s.file_size);
    int protection = PROT_READ | (s.writable ? PROT_WRITE : 0) | (s.executable ? PROT_EXEC : 0);
    if (mprotect(target, size, protection) != 0) {
      return hal::make_status(IREE_HAL_PERMISSION_DENIED,
                              "the system refuses to make compiled code executable (%s); a "
                              "security policy of this process may forbid it",
                              strerror(errno));
    }
    if (s.executable) {
      __builtin___clear_cache(reinterpret_cast<char*>(target),
                              reinterpret_cast<char*>(target + s.file_size));
    }
  }
  return nullptr;
}

iree_hal_status_t Executable::make_entries(const ElfImage& image) {
  size_t names_size = 0;
  for (const ElfEntry& e : image.entries) names_size += e.name.size;  // both are bounded
  names_ = static_cast<char*>(malloc(names_size ? names_size : 1));
  entries_ = new (std::nothrow) Entry[image.entries.size()]();
  if (!names_ || !entries_) return hal::out_of_memory();
  char* name = names_;
  for (size_t i = 0; i < image.entries.size(); ++i) {
    const iree_cpu_entry_t& from = image.entries[i].entry;
    Entry& to = entries_[i];
    to.kernel = reinterpret_cast<iree_cpu_kernel_t>(base_ + (from.address - image.begin));
    to.binding_count = from.binding_count;
    to.constant_count = from.constant_count;
    to.local_memory = from.local_memory;
    to.written_bindings = from.written_bindings;
    to.name = {name, image.entries[i].name.size};
    memcpy(name, image.entries[i].name.data, to.name.size);
    name += to.name.size;
  }
  entry_count = static_cast<uint32_t>(image.entries.size());
  return nullptr;
}

Executable::~Executable() {
  if (reservation_) munmap(reservation_, reserved_);
  delete[] entries_;
  free(names_);
}

}  // namespace iree::hal_cpu
