// Checks the code of every function in one pass, so that the loop in interpreter.cc need not.
#include <algorithm>
#include <cstring>

#include "isa.h"
#include "verifier.h"

namespace iree::vm {
namespace {

class CodeVerifier {
 public:
  explicit CodeVerifier(Module& module) : m_(module) {}

  void run() {
    for (uint32_t i = 0; i < m_.functions.size(); ++i) verify_function(i);
    find_shared_state();
  }

 private:
  template <typename... Args>
  [[noreturn, gnu::cold, gnu::noinline]] void bad_code(const char* format, Args... args) {
    hal::Status detail(hal::make_status(IREE_HAL_DATA_LOSS, format, args...));
    std::string_view name = f_->name;
    malformed("function %u (@%.*s), word %llu (%s): %s", function_,
              static_cast<int>(std::min<size_t>(name.size(), 200)), name.data(),
              (unsigned long long)instruction_, op_ ? op_->name : "?", detail->message);
  }

  void need(uint64_t words) {
    if (words > f_->words - at_) bad_code("the code ends inside of an instruction");
  }

  uint16_t word() {
    need(1);
    return f_->code[at_++];
  }

  uint32_t index() {
    need(2);
    uint32_t value = f_->code[at_] | uint32_t{f_->code[at_ + 1]} << 16;
    at_ += 2;
    return value;
  }

  void value_register(uint32_t reg, int type) {
    if (reg >= f_->value_count || f_->types[reg] != type)
      bad_code("%u is no register of the type needed here", reg);
  }

  void ref_register(uint32_t reg) {
    if (reg >= f_->ref_count) bad_code("there is no reference register %u", reg);
  }

  void any_register(char letter) {
    int type = type_of_letter(letter);
    if (type == kRefTypeCode) {
      ref_register(word());
    } else {
      value_register(word(), type);
    }
  }

  void any_registers(std::string_view letters) {
    need(letters.size());
    for (char c : letters) any_register(c);
  }

  void branch() {
    targets_.push_back({index(), instruction_});
    uint32_t values = word();
    need(2 * uint64_t{values});
    for (uint32_t i = 0; i < values; ++i) {
      uint16_t from = word(), to = word();
      if (from >= f_->value_count) bad_code("there is no value register %u", from);
      value_register(to, f_->types[from]);
    }
    uint32_t refs = word();
    need(2 * uint64_t{refs});
    for (uint32_t i = 0; i < refs; ++i) {
      ref_register(word());
      ref_register(word());
    }
    f_->value_scratch = std::max(f_->value_scratch, values);
    f_->ref_scratch = std::max(f_->ref_scratch, refs);
  }

  void global() {
    uint32_t i = index();
    if (i >= m_.globals.size()) bad_code("there is no global %u", i);
    if (m_.globals[i].type != op_->type) bad_code("global %u is of another type", i);
    bool store = op_->fields[0] == 'g';
    if (store && !m_.globals[i].is_mutable && function_ != m_.initializer) {
      bad_code("global %u is immutable: only the initializer may store to it", i);
    }
  }

  void call() {
    uint32_t i = index();
    if (i >= m_.functions.size()) bad_code("there is no function %u", i);
    if (i == m_.initializer) bad_code("the initializer cannot be called");
    any_registers(m_.functions[i].arguments);
    any_registers(m_.functions[i].results);
  }

  void call_import() {
    uint32_t i = index();
    if (i >= m_.imports.size()) bad_code("there is no import %u", i);
    const Import& import = m_.imports[i];
    const ImportSignature& s = *import.parsed;
    if (function_ != m_.initializer && import.name.starts_with("hal.command."))
      records_commands_ = true;
    uint64_t count_at = at_;
    need(s.groups.size());
    at_ += s.groups.size();
    for (const ImportSignature::Part& part : s.parts) {
      uint32_t repeat = part.group ? f_->code[count_at++] : 1;
      for (uint32_t k = 0; k < repeat; ++k) any_registers(part.letters);
    }
    any_registers(s.results);
  }

  void operands(Opcode opcode) {
    for (const char* field = op_->fields; *field; ++field) {
      switch (*field) {
        case ' ':
          break;
        case 'i':
        case 'I':
        case 'f':
        case 'F':
        case 'r':
          any_register(*field);
          break;
        case '4':
          need(2), at_ += 2;
          break;
        case '8':
          need(4), at_ += 4;
          break;
        case 'g':
          global();
          break;
        case 'd':
          if (uint32_t i = index(); i >= m_.rodata.size())
            bad_code("there is no read-only segment %u", i);
          break;
        case 's':
          if (uint32_t i = index(); i >= m_.strings.size()) bad_code("there is no string %u", i);
          break;
        case 'c':
          call();
          return;  // with its "("
        case 'm':
          if (opcode == Opcode::op_call_import) return call_import();
          if (uint32_t i = index(); i >= m_.imports.size()) bad_code("there is no import %u", i);
          break;
        case '>':
          branch();
          break;
        case '*':
          for (uint32_t n = word(); n; --n) branch();
          break;
        case '$':
          any_registers(f_->results);
          break;
        default:
          bad_code("the table of instructions is broken");
      }
    }
  }

  static bool ends_block(Opcode opcode) { return opcode <= Opcode::op_fail; }

  void verify_function(uint32_t function) {
    f_ = &m_.functions[function];
    function_ = function;
    at_ = 0;
    targets_.clear();
    starts_.assign(f_->words, false);
    bool ended = true;
    while (at_ < f_->words) {
      if (ended) starts_[at_] = true;
      instruction_ = at_;
      op_ = nullptr;
      uint16_t code = word();
      if (code >= static_cast<uint16_t>(Opcode::kCount)) {
        bad_code(
            "unknown instruction %u: the module was written by a newer compiler, or is damaged",
            code);
      }
      op_ = &kOps[code];
      auto opcode = static_cast<Opcode>(code);
      if (function != m_.initializer && op_->type >= 0 && strncmp(op_->name, "list.set", 8) == 0)
        changes_lists_ = true;
      if (function != m_.initializer && opcode == Opcode::op_list_resize) changes_lists_ = true;
      operands(opcode);
      ended = ends_block(opcode);
    }
    if (!ended) bad_code("the function's end is reached without a return");
    for (auto [target, from] : targets_) {
      if (target >= f_->words || !starts_[target]) {
        instruction_ = from;
        op_ = &kOps[f_->code[from]];
        bad_code("branch to %u, which is no start of a block", target);
      }
    }
  }

  void find_shared_state() {
    for (const Global& g : m_.globals) {
      bool may_hold_list =
          g.type == kRefTypeCode && (g.ref_type == RefType::kNull || g.ref_type == RefType::kList);
      bool may_hold_commands =
          may_hold_list || (g.type == kRefTypeCode && g.ref_type == RefType::kCommandBuffer);
      m_.stateful |= g.is_mutable || (may_hold_list && changes_lists_) ||
                     (may_hold_commands && records_commands_);
    }
  }

  Module& m_;
  bool changes_lists_ = false;
  bool records_commands_ = false;

  // The function at hand.
  Function* f_ = nullptr;
  uint32_t function_ = 0;
  uint64_t at_ = 0;           // next word
  uint64_t instruction_ = 0;  // first word
  const OpInfo* op_ = nullptr;
  std::vector<bool> starts_;
  std::vector<std::pair<uint32_t, uint64_t>> targets_;
};

}  // namespace

void verify_code(Module& module) { CodeVerifier(module).run(); }

}  // namespace iree::vm
