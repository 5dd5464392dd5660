#include "verifier.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string>
#include <unordered_set>

namespace iree::vm {
namespace {

constexpr uint8_t kMagic[8] = {0x89, 'I', 'V', 'M', '\r', '\n', 0x1a, '\n'};
constexpr uint32_t kVersion = 1;
constexpr uint64_t kHeaderSize = 32;
constexpr uint64_t kSectionSize = 32;
constexpr uint32_t kMaxRegisters = 0x10000;

enum SectionKind : uint32_t {
  kText = 1,
  kStrings,
  kImports,
  kGlobals,
  kFunctions,
  kTypes,
  kCode,
  kExports,
  kManifest,
  kLocationText,
  kLocations,
  kRodata,
  kData,
  kSectionEnd
};
constexpr const char* kSectionNames[] = {
    "",     "TEXT",    "STRINGS",  "IMPORTS",       "GLOBALS",   "FUNCTIONS", "TYPES",
    "CODE", "EXPORTS", "MANIFEST", "LOCATION_TEXT", "LOCATIONS", "RODATA",    "DATA"};
constexpr uint64_t kRecordSizes[] = {0, 1, 16, 16, 24, 40, 1, 2, 16, 1, 1, 16, 24, 1};

struct Section {
  const uint8_t* data = nullptr;
  uint64_t offset = 0;
  uint64_t length = 0;
  uint64_t count = 0;

  template <typename T>
  T get(uint64_t record, uint64_t size, uint64_t field) const {
    T value;
    memcpy(&value, data + record * size + field, sizeof(T));
    return value;
  }
};

bool is_continuation(uint8_t byte) { return (byte & 0xC0) == 0x80; }

// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(const uint8_t* p, uint64_t size) {
  const uint8_t* end = p + size;
  while (p < end) {
    uint8_t lead = *p++;
    if (lead < 0x80) continue;
    int more = lead >= 0xC2 && lead < 0xE0   ? 1
               : lead >= 0xE0 && lead < 0xF0 ? 2
               : lead >= 0xF0 && lead < 0xF5 ? 3
                                             : 0;
    if (!more || end - p < more) return false;
    if ((lead == 0xE0 && *p < 0xA0) || (lead == 0xED && *p >= 0xA0) ||
        (lead == 0xF0 && *p < 0x90) || (lead == 0xF4 && *p >= 0x90)) {
      return false;
    }
    for (; more; --more) {
      if (!is_continuation(*p++)) return false;
    }
  }
  return true;
}

// The signature of a function, checked once per string however many functions have it.
struct Signature {
  std::string_view arguments;
  std::string_view results;
  std::string value_types;  // of the value arguments, as type codes
  uint32_t ref_arguments = 0;
  uint32_t ref_results = 0;
};

class Verifier {
 public:
  Verifier(Module& module, const uint8_t* data)
      : m_(module), data_(data), size_(module.file_size) {}

  void run() {
    read_header();
    read_strings();
    read_imports();
    read_globals();
    read_functions();
    read_exports();
    read_locations();
    read_rodata();
    if (m_.initializer != kNone) {
      if (m_.initializer >= m_.functions.size())
        malformed("the initializer is no function of the module");
      const Function& f = m_.functions[m_.initializer];
      if (!f.arguments.empty() || !f.results.empty())
        malformed("the initializer takes or returns something");
    }
    verify_code(m_);
    const Section& manifest = sections_[kManifest];
    if (!is_utf8(manifest.data, manifest.length)) malformed("the manifest is not UTF-8");
    m_.manifest = {reinterpret_cast<const char*>(manifest.data), manifest.length};
  }

 private:
  template <typename T>
  T read(uint64_t offset) const {
    T value;
    memcpy(&value, data_ + offset, sizeof(T));
    return value;
  }

  void read_header() {
    if (size_ < sizeof(kMagic) || memcmp(data_, kMagic, sizeof(kMagic)) != 0) {
      malformed("not a module file: it does not start with the magic bytes of one");
    }
    if (size_ < kHeaderSize)
      malformed("truncated: %llu bytes, less than the header", (unsigned long long)size_);
    auto version = read<uint32_t>(8);
    if (version != kVersion) {
      throw hal::Error(hal::make_status(IREE_HAL_INCOMPATIBLE,
                                        "module file version %u, this runtime reads version %u: "
                                        "compile the model again, or install the iree-vm that "
                                        "fits the compiler",
                                        version, kVersion));
    }
    auto length = read<uint64_t>(16);
    if (length != size_) {
      malformed("truncated or damaged: the header says %llu bytes, the file has %llu",
                (unsigned long long)length, (unsigned long long)size_);
    }
    m_.initializer = read<uint32_t>(24);
    if (read<uint32_t>(28) != 0) malformed("header: the reserved field is not 0");
    auto count = read<uint32_t>(12);
    if (count >= kSectionEnd) malformed("header: %u sections", count);
    uint64_t end = kHeaderSize + count * kSectionSize;
    if (end > size_) malformed("header: the section table reaches past the end");
    uint32_t last_kind = 0;
    for (uint32_t i = 0; i < count; ++i) {
      uint64_t at = kHeaderSize + i * kSectionSize;
      auto kind = read<uint32_t>(at);
      if (kind <= last_kind || kind >= kSectionEnd)
        malformed("section %u: kind %u after %u", i, kind, last_kind);
      last_kind = kind;
      Section s;
      s.offset = read<uint64_t>(at + 8);
      s.length = read<uint64_t>(at + 16);
      s.count = read<uint64_t>(at + 24);
      const char* name = kSectionNames[kind];
      if (read<uint32_t>(at + 4) != 0) malformed("section %s: unknown flags", name);
      if (s.offset < end || s.offset > size_ || s.length > size_ - s.offset) {
        malformed("section %s: %llu bytes at %llu overlap another section or reach past the end",
                  name, (unsigned long long)s.length, (unsigned long long)s.offset);
      }
      if (s.offset % (kind == kData ? 64 : 8)) malformed("section %s: offset is not aligned", name);
      if (s.count > s.length || s.count * kRecordSizes[kind] != s.length) {
        malformed("section %s: %llu records do not take %llu bytes", name,
                  (unsigned long long)s.count, (unsigned long long)s.length);
      }
      end = s.offset + s.length;
      s.data = data_ + s.offset;
      sections_[kind] = s;
    }
  }

  void read_strings() {
    const Section &text = sections_[kText], &strings = sections_[kStrings];
    if (!is_utf8(text.data, text.length)) malformed("TEXT is not UTF-8");
    m_.strings.reserve(strings.count);
    for (uint64_t i = 0; i < strings.count; ++i) {
      auto offset = strings.get<uint64_t>(i, 16, 0), length = strings.get<uint64_t>(i, 16, 8);
      m_.strings.push_back(text_slice(text, offset, length, "string", i));
    }
  }

  std::string_view text_slice(const Section& text, uint64_t offset, uint64_t length,
                              const char* what, uint64_t index) {
    if (offset > text.length || length > text.length - offset ||
        (offset < text.length && is_continuation(text.data[offset])) ||
        (offset + length < text.length && is_continuation(text.data[offset + length]))) {
      malformed("%s %llu: does not lie in its section or splits a character", what,
                (unsigned long long)index);
    }
    return {reinterpret_cast<const char*>(text.data) + offset, length};
  }

  std::string_view string(uint32_t index, const char* what, uint64_t row) {
    if (index >= m_.strings.size())
      malformed("%s %llu: there is no string %u", what, (unsigned long long)row, index);
    return m_.strings[index];
  }

  void read_imports() {
    const Section& s = sections_[kImports];
    m_.imports.reserve(s.count);
    for (uint64_t i = 0; i < s.count; ++i) {
      auto signature = s.get<uint32_t>(i, 16, 4), optional = s.get<uint32_t>(i, 16, 8);
      Import import;
      import.name = string(s.get<uint32_t>(i, 16, 0), "import", i);
      import.signature = string(signature, "import", i);
      if (optional > 1 || s.get<uint32_t>(i, 16, 12) != 0)
        malformed("import %llu: unknown flags", (unsigned long long)i);
      import.optional = optional;
      auto [entry, fresh] = m_.import_signatures.try_emplace(signature);
      if (fresh) entry->second = parse_import(import.signature, i);
      import.parsed = &entry->second;
      m_.imports.push_back(import);
    }
  }

  static ImportSignature parse_import(std::string_view text, uint64_t row) {
    ImportSignature result;
    size_t colon = text.find(':');
    if (colon == std::string_view::npos)
      malformed("import %llu: signature without ':'", (unsigned long long)row);
    auto check = [row](std::string_view letters) {
      for (char c : letters) {
        if (type_of_letter(c) < 0)
          malformed("import %llu: malformed signature", (unsigned long long)row);
      }
    };
    for (size_t at = 0; at < colon;) {
      bool group = text[at] == '[';
      size_t end = group ? text.find(']', at) : std::min(text.find('[', at), colon);
      if (end == std::string_view::npos || end > colon)
        malformed("import %llu: unclosed group", (unsigned long long)row);
      std::string_view letters =
          group ? text.substr(at + 1, end - at - 1) : text.substr(at, end - at);
      check(letters);
      if (group && letters.empty()) malformed("import %llu: empty group", (unsigned long long)row);
      result.parts.push_back({group, letters});
      if (group) {
        result.groups.push_back(static_cast<uint32_t>(letters.size()));
      } else {
        result.fixed += static_cast<uint32_t>(letters.size());
      }
      at = group ? end + 1 : end;
    }
    result.results = text.substr(colon + 1);
    check(result.results);
    result.fixed += static_cast<uint32_t>(result.results.size());
    return result;
  }

  void read_globals() {
    const Section& s = sections_[kGlobals];
    m_.globals.reserve(s.count);
    for (uint64_t i = 0; i < s.count; ++i) {
      Global g;
      g.name = string(s.get<uint32_t>(i, 24, 0), "global", i);
      auto type = s.get<uint32_t>(i, 24, 4), is_mutable = s.get<uint32_t>(i, 24, 8),
           ref = s.get<uint32_t>(i, 24, 12);
      if (type > kRefTypeCode || is_mutable > 1)
        malformed("global %llu: unknown type or flags", (unsigned long long)i);
      g.type = static_cast<uint8_t>(type);
      g.is_mutable = is_mutable;
      g.ref_type = RefType::kNull;
      g.initial = s.get<uint64_t>(i, 24, 16);
      if (type == kRefTypeCode && g.initial != 0)
        malformed("global %llu: not null at first", (unsigned long long)i);
      if (ref != kNone) {
        std::string_view name = string(ref, "global", i);
        for (uint32_t t = 1; t < std::size(kRefTypeNames); ++t) {
          if (name == kRefTypeNames[t]) g.ref_type = static_cast<RefType>(t);
        }
        if (g.ref_type == RefType::kNull || type != kRefTypeCode) {
          malformed("global %llu: unknown reference type", (unsigned long long)i);
        }
      }
      m_.globals.push_back(g);
    }
  }

  const Signature& function_signature(uint32_t index, uint64_t row) {
    std::string_view text = string(index, "function", row);
    auto [entry, fresh] = signatures_.try_emplace(index);
    Signature& s = entry->second;
    if (!fresh) return s;
    size_t colon = text.find(':');
    if (colon == std::string_view::npos)
      malformed("function %llu: signature without ':'", (unsigned long long)row);
    s.arguments = text.substr(0, colon);
    s.results = text.substr(colon + 1);
    for (char c : s.arguments) {
      int type = type_of_letter(c);
      if (type < 0) malformed("function %llu: malformed signature", (unsigned long long)row);
      if (type == kRefTypeCode) {
        ++s.ref_arguments;
      } else {
        s.value_types.push_back(static_cast<char>(type));
      }
    }
    for (char c : s.results) {
      if (type_of_letter(c) < 0)
        malformed("function %llu: malformed signature", (unsigned long long)row);
      s.ref_results += c == 'r';
    }
    return s;
  }

  void read_functions() {
    const Section &s = sections_[kFunctions], &types = sections_[kTypes], &code = sections_[kCode];
    m_.functions.reserve(s.count);
    uint64_t next_word = 0, next_type = 0;
    for (uint64_t i = 0; i < s.count; ++i) {
      Function f;
      f.name = string(s.get<uint32_t>(i, 40, 0), "function", i);
      const Signature& signature = function_signature(s.get<uint32_t>(i, 40, 4), i);
      auto first_word = s.get<uint64_t>(i, 40, 8);
      f.words = s.get<uint64_t>(i, 40, 16);
      f.value_count = s.get<uint32_t>(i, 40, 24);
      f.ref_count = s.get<uint32_t>(i, 40, 28);
      auto first_type = s.get<uint64_t>(i, 40, 32);
      // One after the other: nothing is checked twice.
      if (first_word != next_word || f.words == 0 || f.words > code.count - next_word ||
          f.words > kNone) {
        malformed("function %llu: its code does not follow that of the one before, or is empty",
                  (unsigned long long)i);
      }
      if (f.value_count > kMaxRegisters || f.ref_count > kMaxRegisters) {
        malformed("function %llu: too many registers", (unsigned long long)i);
      }
      if (first_type != next_type || f.value_count > types.count - next_type) {
        malformed("function %llu: its register types do not follow those of the one before",
                  (unsigned long long)i);
      }
      f.code = reinterpret_cast<const uint16_t*>(code.data) + first_word;
      f.types = types.data + first_type;
      next_word += f.words;
      next_type += f.value_count;
      f.arguments = signature.arguments;
      f.results = signature.results;
      f.ref_arguments = signature.ref_arguments;
      f.ref_results = signature.ref_results;
      f.value_arguments = static_cast<uint32_t>(signature.value_types.size());
      for (uint32_t r = 0; r < f.value_count; ++r) {
        if (f.types[r] >= kRefTypeCode)
          malformed("function %llu: unknown register type", (unsigned long long)i);
      }
      if (f.value_arguments > f.value_count || f.ref_arguments > f.ref_count ||
          (f.value_arguments &&
           memcmp(f.types, signature.value_types.data(), f.value_arguments) != 0)) {
        malformed("function %llu: its first registers are not its arguments",
                  (unsigned long long)i);
      }
      m_.functions.push_back(f);
    }
    if (next_word != code.count || next_type != types.count)
      malformed("code or register types of no function");
  }

  void read_exports() {
    const Section& s = sections_[kExports];
    std::unordered_set<std::string_view> names;
    m_.exports.reserve(s.count);
    for (uint64_t i = 0; i < s.count; ++i) {
      Export e;
      e.name = string(s.get<uint32_t>(i, 16, 0), "export", i);
      e.function = s.get<uint32_t>(i, 16, 4);
      auto convention = s.get<uint32_t>(i, 16, 8);
      if (!names.insert(e.name).second)
        malformed("export %llu: its name is taken", (unsigned long long)i);
      if (e.function >= m_.functions.size() || e.function == m_.initializer) {
        malformed("export %llu: no function, or the initializer", (unsigned long long)i);
      }
      if (convention > 1 || s.get<uint32_t>(i, 16, 12) != 0) {
        malformed("export %llu: unknown calling convention", (unsigned long long)i);
      }
      e.convention = static_cast<Convention>(convention);
      const Function& f = m_.functions[e.function];
      if (e.convention == Convention::kFences &&
          (f.value_arguments || f.ref_arguments < 2 || f.ref_results != f.results.size())) {
        malformed("export %llu: not a function of views and two fences", (unsigned long long)i);
      }
      m_.exports.push_back(e);
    }
  }

  void read_locations() {
    const Section &s = sections_[kLocations], &text = sections_[kLocationText];
    if (!is_utf8(text.data, text.length)) malformed("LOCATION_TEXT is not UTF-8");
    m_.locations.reserve(s.count);
    for (uint64_t i = 0; i < s.count; ++i) {
      Location l;
      l.function = s.get<uint32_t>(i, 16, 0);
      l.word = s.get<uint32_t>(i, 16, 4);
      if (l.function >= m_.functions.size() || l.word >= m_.functions[l.function].words) {
        malformed("location %llu: of no instruction", (unsigned long long)i);
      }
      if (i > 0) {
        const Location& before = m_.locations.back();
        if (std::pair(l.function, l.word) <= std::pair(before.function, before.word)) {
          malformed("location %llu: out of order", (unsigned long long)i);
        }
      }
      l.text =
          text_slice(text, s.get<uint32_t>(i, 16, 8), s.get<uint32_t>(i, 16, 12), "location", i);
      m_.locations.push_back(l);
    }
  }

  void read_rodata() {
    const Section &s = sections_[kRodata], &data = sections_[kData];
    m_.rodata.reserve(s.count);
    for (uint64_t i = 0; i < s.count; ++i) {
      auto offset = s.get<uint64_t>(i, 24, 0), length = s.get<uint64_t>(i, 24, 8);
      auto name = s.get<uint32_t>(i, 24, 16), alignment = s.get<uint32_t>(i, 24, 20);
      if (offset < data.offset || offset - data.offset > data.length ||
          length > data.length - (offset - data.offset)) {
        malformed("read-only segment %llu: does not lie in DATA", (unsigned long long)i);
      }
      if (alignment < 64 || alignment > 4096 || (alignment & (alignment - 1)) ||
          offset % alignment) {
        malformed("read-only segment %llu: alignment %u is impossible or not kept",
                  (unsigned long long)i, alignment);
      }
      if (name != kNone) string(name, "read-only segment", i);
      m_.rodata.push_back({data_ + offset, length, name});
    }
  }

  Module& m_;
  const uint8_t* data_;
  uint64_t size_;
  Section sections_[kSectionEnd];
  std::unordered_map<uint32_t, Signature> signatures_;
};

}  // namespace

void verify(Module& module, const uint8_t* data) { Verifier(module, data).run(); }

}  // namespace iree::vm
