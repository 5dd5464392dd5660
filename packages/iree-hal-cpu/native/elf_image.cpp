#include "elf_image.h"

#include "iree/hal.hpp"

namespace iree::hal_cpu {
namespace {

using hal::make_status;

constexpr uint64_t kMinPage = 4096;
constexpr uint64_t kMaxAlignment = 1u << 21;
constexpr uint64_t kMaxSpan = 1ull << 31;  // address space that one image may take
constexpr unsigned kMaxProgramHeaders = 64;
constexpr uint32_t kMaxEntries = 1u << 20;

using ull = unsigned long long;

#define MALFORMED(...) return make_status(IREE_HAL_DATA_LOSS, "CPU executable: " __VA_ARGS__)

bool in_range(uint64_t size, uint64_t offset, uint64_t length) {
  return offset <= size && length <= size - offset;
}

template <typename T>
T load(const uint8_t* data, uint64_t offset) {
  T value;
  memcpy(&value, data + offset, sizeof(T));
  return value;
}

struct Reader {
  const uint8_t* data;
  uint64_t size;
  uint16_t machine;
  ElfImage* out;

  iree_hal_status_t read_header(Elf64_Ehdr* header);
  iree_hal_status_t read_segment(const Elf64_Phdr& p);
  iree_hal_status_t find_library(const Elf64_Phdr& p, uint64_t* begin, uint64_t* length);
  iree_hal_status_t read_library(uint64_t begin, uint64_t length);
  iree_hal_status_t read_entry(const uint8_t* library, uint64_t length, uint32_t index,
                               uint64_t offset);
  iree_hal_status_t read();
};

iree_hal_status_t Reader::read_header(Elf64_Ehdr* header) {
  if (size < sizeof(Elf64_Ehdr)) MALFORMED("%llu bytes are too few for an ELF header", (ull)size);
  *header = load<Elf64_Ehdr>(data, 0);
  if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) MALFORMED("not an ELF image");
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB) {
    return make_status(IREE_HAL_INCOMPATIBLE,
                       "CPU executable: not 64-bit little-endian (class %u, data %u)",
                       header->e_ident[EI_CLASS], header->e_ident[EI_DATA]);
  }
  if (header->e_ident[EI_VERSION] != EV_CURRENT || header->e_version != EV_CURRENT) {
    MALFORMED("unknown ELF version %u", header->e_version);
  }
  if (header->e_machine != machine) {
    const char* name = machine_name(header->e_machine);
    if (name) {
      return make_status(IREE_HAL_INCOMPATIBLE,
                         "CPU executable: compiled for %s, but this driver runs on %s", name,
                         machine_name(machine));
    }
    return make_status(IREE_HAL_INCOMPATIBLE,
                       "CPU executable: compiled for ELF machine %u, but this driver runs on %s",
                       header->e_machine, machine_name(machine));
  }
  if (header->e_type != ET_DYN) MALFORMED("ELF type %u is not ET_DYN", header->e_type);
  if (header->e_phentsize != sizeof(Elf64_Phdr)) {
    MALFORMED("program headers of %u bytes", header->e_phentsize);
  }
  if (header->e_phnum == 0 || header->e_phnum > kMaxProgramHeaders) {
    MALFORMED("%u program headers, not 1 to %u", header->e_phnum, kMaxProgramHeaders);
  }
  if (!in_range(size, header->e_phoff, uint64_t{header->e_phnum} * sizeof(Elf64_Phdr))) {
    MALFORMED("the program headers reach past the end (%llu bytes)", (ull)size);
  }
  return nullptr;
}

iree_hal_status_t Reader::read_segment(const Elf64_Phdr& p) {
  if (!in_range(size, p.p_offset, p.p_filesz)) {
    MALFORMED("segment at file offset %llu, %llu bytes, reaches past the end (%llu bytes)",
              (ull)p.p_offset, (ull)p.p_filesz, (ull)size);
  }
  if (p.p_memsz == 0) MALFORMED("segment at address 0x%llx is empty", (ull)p.p_vaddr);
  if (p.p_filesz > p.p_memsz) {
    MALFORMED("segment at address 0x%llx has more bytes in the file than in memory",
              (ull)p.p_vaddr);
  }
  if (p.p_align < kMinPage || p.p_align > kMaxAlignment || (p.p_align & (p.p_align - 1)) != 0 ||
      (p.p_vaddr & (p.p_align - 1)) != 0) {
    MALFORMED("segment at address 0x%llx is not page aligned (alignment %llu)", (ull)p.p_vaddr,
              (ull)p.p_align);
  }
  if ((p.p_flags & ~uint32_t{PF_R | PF_W | PF_X}) != 0 || !(p.p_flags & PF_R)) {
    MALFORMED("segment at address 0x%llx has flags 0x%x", (ull)p.p_vaddr, p.p_flags);
  }
  if ((p.p_flags & PF_W) && (p.p_flags & PF_X)) {
    MALFORMED("segment at address 0x%llx is both writable and executable", (ull)p.p_vaddr);
  }
  uint64_t end;
  if (__builtin_add_overflow(p.p_vaddr, p.p_memsz, &end) ||
      __builtin_add_overflow(end, p.p_align - 1, &end)) {
    MALFORMED("segment at address 0x%llx does not fit the address space", (ull)p.p_vaddr);
  }
  end &= ~(p.p_align - 1);
  if (out->segments.empty()) {
    out->begin = p.p_vaddr;
  } else if (p.p_vaddr < out->end) {
    MALFORMED("segment at address 0x%llx overlaps the one before it or is out of order",
              (ull)p.p_vaddr);
  }
  out->end = end;
  if (out->end - out->begin > kMaxSpan) {
    MALFORMED("the segments span %llu bytes, more than %llu", (ull)(out->end - out->begin),
              (ull)kMaxSpan);
  }
  if (!out->segments.append({p.p_vaddr, p.p_offset, p.p_filesz, p.p_memsz, p.p_align,
                             (p.p_flags & PF_W) != 0, (p.p_flags & PF_X) != 0})) {
    return hal::out_of_memory();
  }
  return nullptr;
}

// Looks for the one note in the segment `p`; leaves *length alone if it is not there.
iree_hal_status_t Reader::find_library(const Elf64_Phdr& p, uint64_t* begin, uint64_t* length) {
  if (!in_range(size, p.p_offset, p.p_filesz)) {
    MALFORMED("the note segment reaches past the end (%llu bytes)", (ull)size);
  }
  bool covered = false;
  for (const ElfSegment& s : out->segments) {
    covered |= !s.writable && !s.executable && p.p_offset >= s.offset &&
               in_range(s.file_size, p.p_offset - s.offset, p.p_filesz) &&
               p.p_vaddr == s.address + (p.p_offset - s.offset);
  }
  if (!covered) MALFORMED("the note segment does not lie in a read-only segment");
  if (p.p_align > 4 && p.p_align != 8) MALFORMED("notes aligned to %llu", (ull)p.p_align);
  const uint64_t mask = p.p_align == 8 ? 7 : 3;

  const uint8_t* notes = data + p.p_offset;
  uint64_t at = 0;
  while (p.p_filesz - at >= sizeof(Elf64_Nhdr)) {
    auto note = load<Elf64_Nhdr>(notes, at);
    // None of these sums overflows: sizes are 32 bits, `at` is inside the file.
    uint64_t name = at + sizeof(Elf64_Nhdr);
    uint64_t descriptor = (name + note.n_namesz + mask) & ~mask;
    if (!in_range(p.p_filesz, name, note.n_namesz) ||
        !in_range(p.p_filesz, descriptor, note.n_descsz)) {
      MALFORMED("a note reaches past the end of its segment");
    }
    if (note.n_type == IREE_CPU_NOTE_TYPE && note.n_namesz == 5 &&
        memcmp(notes + name, "IREE", 5) == 0) {
      if (*length) MALFORMED("more than one note named IREE");
      if (note.n_descsz < sizeof(iree_cpu_library_t)) {
        MALFORMED("the IREE note has %u bytes, too few for its header", note.n_descsz);
      }
      *begin = p.p_offset + descriptor;
      *length = note.n_descsz;
    }
    uint64_t next = (descriptor + note.n_descsz + mask) & ~mask;
    if (next >= p.p_filesz) break;
    at = next;
  }
  return nullptr;
}

iree_hal_status_t Reader::read_entry(const uint8_t* library, uint64_t length, uint32_t index,
                                     uint64_t offset) {
  auto entry = load<iree_cpu_entry_t>(library, offset);
  if (!in_range(length, entry.name_offset, entry.name_size)) {
    MALFORMED("the name of entry %u lies outside the note", index);
  }
  // Names may overlap: without a bound, all of them together could be larger than any memory.
  if (entry.name_size > IREE_CPU_MAX_NAME) {
    MALFORMED("the name of entry %u has %u bytes, more than %u", index, entry.name_size,
              IREE_CPU_MAX_NAME);
  }
  if (entry.binding_count > IREE_CPU_MAX_BINDINGS ||
      entry.constant_count > IREE_CPU_MAX_CONSTANTS) {
    MALFORMED("entry %u has %u bindings and %u constants, more than %u and %u", index,
              entry.binding_count, entry.constant_count, IREE_CPU_MAX_BINDINGS,
              IREE_CPU_MAX_CONSTANTS);
  }
  if (entry.binding_count < 64 && entry.written_bindings >> entry.binding_count) {
    MALFORMED("entry %u writes bindings that it does not have", index);
  }
  if (entry.reserved) MALFORMED("entry %u has a reserved field that is not 0", index);
  bool inside = false;
  for (const ElfSegment& s : out->segments) {
    inside |= s.executable && entry.address >= s.address && entry.address - s.address < s.file_size;
  }
  if (!inside) {
    MALFORMED("entry %u at address 0x%llx lies outside the code", index, (ull)entry.address);
  }
  if (machine == EM_AARCH64 && entry.address % 4) {
    MALFORMED("entry %u at address 0x%llx is not aligned to an instruction", index,
              (ull)entry.address);
  }
  auto* name = reinterpret_cast<const char*>(library) + entry.name_offset;
  if (!out->entries.append({entry, {name, entry.name_size}})) return hal::out_of_memory();
  return nullptr;
}

iree_hal_status_t Reader::read_library(uint64_t begin, uint64_t length) {
  const uint8_t* library = data + begin;
  auto header = load<iree_cpu_library_t>(library, 0);
  if (header.version != IREE_CPU_LIBRARY_VERSION) {
    return make_status(IREE_HAL_INCOMPATIBLE,
                       "CPU executable: library version %u, but this driver reads version %u; "
                       "compile the module with an iree-codegen of this driver's release",
                       header.version, IREE_CPU_LIBRARY_VERSION);
  }
  if (header.reserved) MALFORMED("a reserved field is not 0");
  if (header.entry_count > kMaxEntries) {
    MALFORMED("%u entries, more than %u", header.entry_count, kMaxEntries);
  }
  if (header.entries_offset % 8 ||
      !in_range(length, header.entries_offset,
                uint64_t{header.entry_count} * sizeof(iree_cpu_entry_t))) {
    MALFORMED("the table of %u entries lies outside the note or is not aligned",
              header.entry_count);
  }
  if (!in_range(length, header.features_offset, header.features_size) ||
      !in_range(length, header.target_offset, header.target_size)) {
    MALFORMED("the CPU's name or features lie outside the note");
  }
  auto* text = reinterpret_cast<const char*>(library);
  out->features = {text + header.features_offset, header.features_size};
  out->target = {text + header.target_offset, header.target_size};
  if (!out->entries.reserve(header.entry_count)) return hal::out_of_memory();
  for (uint32_t i = 0; i < header.entry_count; ++i) {
    IREE_HAL_TRY(read_entry(library, length, i,
                            header.entries_offset + uint64_t{i} * sizeof(iree_cpu_entry_t)));
  }
  return nullptr;
}

iree_hal_status_t Reader::read() {
  Elf64_Ehdr header;
  IREE_HAL_TRY(read_header(&header));
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    auto p = load<Elf64_Phdr>(data, header.e_phoff + i * sizeof(Elf64_Phdr));
    if (p.p_type == PT_LOAD) {
      IREE_HAL_TRY(read_segment(p));
    } else if (p.p_type == PT_DYNAMIC || p.p_type == PT_INTERP || p.p_type == PT_TLS) {
      MALFORMED(
          "program header %u has type %u: the image must be linked, without imports or "
          "thread-local storage",
          i, p.p_type);
    }
  }
  uint64_t begin = 0, length = 0;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    auto p = load<Elf64_Phdr>(data, header.e_phoff + i * sizeof(Elf64_Phdr));
    if (p.p_type == PT_NOTE) IREE_HAL_TRY(find_library(p, &begin, &length));
  }
  if (!length) MALFORMED("no note named IREE");
  return read_library(begin, length);
}

}  // namespace

const char* machine_name(uint16_t machine) {
  return machine == EM_X86_64 ? "x86-64" : machine == EM_AARCH64 ? "aarch64" : nullptr;
}

iree_hal_status_t read_elf(iree_hal_span_t bytes, uint16_t machine, ElfImage* out) {
  Reader reader{static_cast<const uint8_t*>(bytes.data), bytes.size, machine, out};
  return reader.read();
}

}  // namespace iree::hal_cpu
