// The module file, mapped and verified; docs/module-format.md has the layout.
#ifndef IREE_VM_MODULE_H_
#define IREE_VM_MODULE_H_

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ref.h"

namespace iree::vm {

inline constexpr uint32_t kNone = 0xFFFFFFFFu;
inline constexpr uint8_t kRefTypeCode = 4;  // of a global; 0 to 3 are i32, i64, f32, f64

// An import's signature, taken apart. `…[…]…:…`.
struct ImportSignature {
  struct Part {
    bool group;                // variadic: `letters` repeated
    std::string_view letters;  // iIfFr
  };
  std::vector<Part> parts;
  std::string_view results;
  std::vector<uint32_t> groups;  // letters of each group
  uint32_t fixed = 0;            // letters outside of groups, and results
};

struct Import {
  std::string_view name;
  std::string_view signature;
  bool optional;
  const ImportSignature* parsed;
};

struct Global {
  std::string_view name;
  uint8_t type;
  bool is_mutable;
  RefType ref_type;  // kNull: any
  uint64_t initial;
};

struct Function {
  std::string_view name;
  std::string_view arguments;  // letters
  std::string_view results;
  uint32_t value_arguments;
  uint32_t ref_arguments;
  uint32_t ref_results;
  const uint16_t* code;
  uint64_t words;
  uint32_t value_count;
  uint32_t ref_count;
  const uint8_t* types;  // of value registers
  // Found by the verifier: room for the parallel moves of a branch, behind the registers.
  uint32_t value_scratch = 0;
  uint32_t ref_scratch = 0;
};

enum class Convention : uint32_t { kPlain = 0, kFences = 1 };

struct Export {
  std::string_view name;
  uint32_t function;
  Convention convention;
};

struct Rodata {
  const uint8_t* data;
  uint64_t length;
  uint32_t name;  // or kNone
};

struct Location {
  uint32_t function;
  uint32_t word;
  std::string_view text;
};

// Immutable, shared by every context made of it and by the buffers that borrow its bytes.
class Module : public Object<Module> {
 public:
  // Map, or copy, then verify. Throw hal::Error: NOT_FOUND, DATA_LOSS (truncated, foreign,
  // malformed), INCOMPATIBLE (another version), and as the system says.
  static hal::Ref<Module> open(const char* path);
  static hal::Ref<Module> copy(const void* data, size_t size);

  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  ~Module();

  // The source location of an instruction, or "".
  std::string_view location(uint32_t function, uint64_t word) const;
  // NULL if there is none.
  const Export* find_export(std::string_view name) const;

  std::vector<std::string_view> strings;
  std::unordered_map<uint32_t, ImportSignature> import_signatures;  // by string
  std::vector<Import> imports;
  std::vector<Global> globals;
  std::vector<Function> functions;
  std::vector<Export> exports;
  std::vector<Rodata> rodata;
  std::vector<Location> locations;
  std::string_view manifest;
  uint32_t initializer = kNone;
  uint64_t file_size = 0;
  // Whether functions other than the initializer can change what invocations of a context share, so
  // that only one at a time may run. Found by the verifier.
  bool stateful = false;

 private:
  Module() = default;

  void* mapping_ = nullptr;  // of file_size bytes, or
  void* storage_ = nullptr;  // the copy
};

// Read-only bytes of a module, as an object.
struct ByteBuffer : Object<ByteBuffer> {
  hal::Ref<Module> module;
  const uint8_t* data;
  uint64_t length;

  static ByteBuffer* make(const Module& module, const Rodata& rodata);
};

}  // namespace iree::vm
#endif  // IREE_VM_MODULE_H_
