#include "tint.h"

#include <map>
#include <set>
#include <span>

namespace iree::hal_webgpu {
namespace {

enum Op : uint32_t {
  kLine = 8,
  kExtInst = 12,
  kTypeBool = 20,
  kTypeInt = 21,
  kTypeFloat = 22,
  kTypeVector = 23,
  kTypeStruct = 30,
  kTypePointer = 32,
  kConstant = 43,
  kConstantComposite = 44,
  kFunction = 54,
  kFunctionParameter = 55,
  kVariable = 59,
  kLoad = 61,
  kStore = 62,
  kAccessChain = 65,
  kVectorShuffle = 79,
  kCompositeConstruct = 80,
  kCompositeExtract = 81,
  kCompositeInsert = 82,
  kConvertFToU = 109,
  kConvertFToS = 110,
  kFConvert = 115,
  kBitcast = 124,
  kIAdd = 128,
  kISub = 130,
  kIAddCarry = 149,
  kISubBorrow = 150,
  kSelect = 169,
  kULessThan = 176,
  kFirstAtomic = 227,
  kAtomicStore = 228,
  kLastAtomic = 242,
  kLoopMerge = 246,
  kSelectionMerge = 247,
  kLabel = 248,
  kBranchConditional = 250,
  kSwitch = 251,
};
constexpr uint32_t kPrivate = 6, kHeaderWords = 5, kBound = 3;

using Words = std::vector<uint32_t>;
using Instruction = std::span<const uint32_t>;

uint32_t op_of(Instruction instruction) { return instruction[0] & 0xFFFF; }

void emit(Words* out, Op op, std::initializer_list<uint32_t> operands) {
  out->push_back(static_cast<uint32_t>(operands.size() + 1) << 16 | op);
  out->insert(out->end(), operands);
}

// The words of an instruction in a function's body that are ids of values, as [first, end) and
// [second, all).
struct Ids {
  size_t first = 1, end = SIZE_MAX, second = SIZE_MAX;
};
Ids ids_of(uint32_t op) {
  switch (op) {
    case kStore:
    case kSwitch:
      return {1, 3};
    case kLoad:
    case kCompositeExtract:
    case kBranchConditional:
      return {1, 4};
    case kCompositeInsert:
    case kVectorShuffle:
      return {1, 5};
    case kExtInst:
      return {1, 4, 5};
    case kLine:
    case kFunction:
    case kVariable:  // an initializer can only be a constant
    case kLoopMerge:
    case kSelectionMerge:
    case kLabel:
      return {SIZE_MAX, SIZE_MAX};
    default:
      return {};
  }
}

// A constant that has to be made anew: a scalar from bits, or a composite of others.
struct Constant {
  uint32_t type;
  uint32_t width = 0, bits = 0;  // of a scalar
  Words parts;                   // of a composite
};

class Rewriter {
 public:
  Rewriter(const uint32_t* words, uint32_t count)
      : words_(words, words + count), bound_(words[kBound]) {}

  Words run() {
    const size_t functions = scan_declarations();
    scan_functions(functions);
    if (constants_.empty() && sunk_.empty() && !carries_ && !halves_) return std::move(words_);
    Words out(words_.begin(), words_.begin() + functions);
    declare(&out);
    for (size_t at = functions; at < words_.size();) at = copy_function(at, &out);
    out[kBound] = bound_;
    return out;
  }

 private:
  Instruction at(size_t place) const { return {&words_[place], words_[place] >> 16}; }

  //===-- What there is

  // The place of the first function.
  size_t scan_declarations() {
    size_t place = kHeaderWords;
    for (; place < words_.size(); place += at(place).size()) {
      const Instruction i = at(place);
      const uint32_t op = op_of(i);
      if (op == kFunction) break;
      if (op == kTypeBool && i.size() == 2) bool_ = i[1];
      if (op == kTypeInt && i.size() == 4 && i[2] == 32 && i[3] == 0) uint_ = i[1];
      if (op == kTypeFloat && i.size() >= 3) floats_[i[1]] = i[2];
      if (op == kTypeFloat && i.size() == 3 && i[2] == 32) single_ = i[1];
      if (op == kTypeVector && i.size() == 4) vectors_[{i[2], i[3]}] = i[1];
      if (op == kTypeStruct && i.size() == 4) structs_[i[1]] = {i[2], i[3]};
      if (op == kTypePointer && i.size() == 4 && i[2] == kPrivate) pointers_[i[3]] = i[1];
      if (op == kConstant && i.size() == 4) find_scalar(i);
      if (op == kConstantComposite && i.size() > 3) find_composite(i);
      if (op >= kConstant && i.size() > 2) types_[i[2]] = i[1];
    }
    return place;
  }

  void find_scalar(Instruction i) {
    auto type = floats_.find(i[1]);
    if (type == floats_.end() || (type->second != 16 && type->second != 32)) return;
    const uint32_t exponent = type->second == 32 ? 0x7F800000u : 0x7C00u;
    if ((i[3] & exponent) != exponent) return;
    constants_[i[2]] = {i[1], type->second, i[3], {}};
  }

  void find_composite(Instruction i) {
    for (uint32_t part : i.subspan(3)) {
      if (!constants_.contains(part)) continue;
      constants_[i[2]] = {i[1], 0, 0, Words(i.begin() + 3, i.end())};
      return;
    }
  }

  void scan_functions(size_t place) {
    std::set<uint32_t> chains;
    for (; place < words_.size(); place += at(place).size()) {
      const Instruction i = at(place);
      const uint32_t op = op_of(i);
      // Not for the few that have no result: nothing looks those up.
      if (i.size() > 2) types_[i[2]] = i[1];
      if (op == kAccessChain && i.size() > 3) chains.insert(i[2]);
      if (op >= kFirstAtomic && op <= kLastAtomic && i.size() > 3) {
        const uint32_t pointer = op == kAtomicStore ? i[1] : i[3];
        if (chains.contains(pointer)) sunk_.insert(pointer);
      }
      carries_ |= is_carry(i);
      halves_ |= is_half_to_integer(i);
    }
  }

  // Of words: a struct of two.
  bool is_carry(Instruction i) const {
    if ((op_of(i) != kIAddCarry && op_of(i) != kISubBorrow) || i.size() != 5) return false;
    auto type = structs_.find(i[1]);
    return type != structs_.end() && type->second == std::pair(uint_, uint_);
  }

  bool is_half_to_integer(Instruction i) const {
    if ((op_of(i) != kConvertFToU && op_of(i) != kConvertFToS) || i.size() != 4) return false;
    auto type = types_.find(i[3]);
    if (type == types_.end()) return false;
    auto width = floats_.find(type->second);
    return width != floats_.end() && width->second == 16;
  }

  //===-- Declarations

  uint32_t find_or(uint32_t* known, Op op, std::initializer_list<uint32_t> operands, Words* out) {
    if (*known) return *known;
    *known = bound_++;
    out->push_back(static_cast<uint32_t>(operands.size() + 2) << 16 | op);
    out->push_back(*known);
    out->insert(out->end(), operands);
    return *known;
  }

  uint32_t new_word(uint32_t value, Words* out) {
    const uint32_t id = bound_++;
    emit(out, kConstant, {uint_, id, value});
    return id;
  }

  void declare(Words* out) {
    if (!constants_.empty() || carries_) find_or(&uint_, kTypeInt, {32, 0}, out);
    if (halves_) find_or(&single_, kTypeFloat, {32}, out);
    if (carries_) {
      find_or(&bool_, kTypeBool, {}, out);
      zero_ = new_word(0, out);
      one_ = new_word(1, out);
    }
    if (constants_.empty()) return;
    const uint32_t pointer = find_or(&pointers_[uint_], kTypePointer, {kPrivate, uint_}, out);
    for (const auto& [id, constant] : constants_) {
      if (!constant.parts.empty()) continue;
      if (constant.width == 16) {
        find_or(&vectors_[{constant.type, 2}], kTypeVector, {constant.type, 2}, out);
      }
      const uint32_t bits = new_word(constant.bits, out);
      emit(out, kVariable, {pointer, variables_[id] = bound_++, kPrivate, bits});
    }
  }

  //===-- Functions

  // What stands for the constant in the function; `out` is where its body begins.
  uint32_t make_constant(uint32_t id, std::map<uint32_t, uint32_t>* made, Words* out) {
    if (auto found = made->find(id); found != made->end()) return found->second;
    const Constant& constant = constants_.at(id);
    const uint32_t result = (*made)[id] = bound_++;  // first: invalid ones may hold each other
    if (!constant.parts.empty()) {
      Words parts;
      for (uint32_t part : constant.parts) {
        parts.push_back(constants_.contains(part) ? make_constant(part, made, out) : part);
      }
      out->push_back(static_cast<uint32_t>(parts.size() + 3) << 16 | kCompositeConstruct);
      out->insert(out->end(), {constant.type, result});
      out->insert(out->end(), parts.begin(), parts.end());
    } else {
      const uint32_t bits = bound_++;
      emit(out, kLoad, {uint_, bits, variables_.at(id)});
      if (constant.width == 32) {
        emit(out, kBitcast, {constant.type, result, bits});
      } else {
        const uint32_t pair = bound_++;
        emit(out, kBitcast, {vectors_.at({constant.type, 2}), pair, bits});
        emit(out, kCompositeExtract, {constant.type, result, pair, 0});
      }
    }
    return result;
  }

  // Not what is defined twice, or from what is not defined yet: invalid ones may hold each other.
  bool is_to_sink(const Words& chain) const {
    const uint32_t id = chain[2], base = chain[3];
    return sunk_.contains(id) && !sunk_chains_.contains(id) &&
           (!sunk_.contains(base) || sunk_chains_.contains(base));
  }

  // The pointer again, under a name of its own.
  uint32_t make_pointer(uint32_t id, Words* out) {
    Words again = sunk_chains_.at(id);
    const uint32_t base = again[3];
    if (sunk_chains_.contains(base)) again[3] = make_pointer(base, out);
    again[2] = bound_++;
    out->insert(out->end(), again.begin(), again.end());
    return again[2];
  }

  void expand_carry(Instruction i, Words* out) {
    const bool adds = op_of(i) == kIAddCarry;
    const uint32_t low = bound_++, less = bound_++, high = bound_++;
    emit(out, adds ? kIAdd : kISub, {uint_, low, i[3], i[4]});
    if (adds) {
      emit(out, kULessThan, {bool_, less, low, i[3]});
    } else {
      emit(out, kULessThan, {bool_, less, i[3], i[4]});
    }
    emit(out, kSelect, {uint_, high, less, one_, zero_});
    emit(out, kCompositeConstruct, {i[1], i[2], low, high});
  }

  void copy_instruction(Instruction i, Words* out) {
    if (is_carry(i)) return expand_carry(i, out);
    if (!is_half_to_integer(i)) {
      out->insert(out->end(), i.begin(), i.end());
      return;
    }
    const uint32_t wide = bound_++;
    emit(out, kFConvert, {single_, wide, i[3]});
    emit(out, static_cast<Op>(op_of(i)), {i[1], i[2], wide});
  }

  // From OpFunction to the next one or the end; the place behind.
  size_t copy_function(size_t place, Words* out) {
    // Head: parameters, the first label, variables; then the body, in front of which the constants
    // are made.
    Words made_here, body;
    std::map<uint32_t, uint32_t> made;
    bool in_head = true, first = true;
    for (; place < words_.size(); place += at(place).size()) {
      const uint32_t op = op_of(at(place));
      if (op == kFunction && !first) break;
      first = false;
      if (in_head && op != kLine && op != kFunction && op != kFunctionParameter && op != kLabel &&
          op != kVariable) {
        in_head = false;
      }
      Words copy(at(place).begin(), at(place).end());
      const Ids ids = ids_of(op);
      for (size_t w = 1; w < copy.size(); ++w) {
        const bool is_id = (w >= ids.first && w < ids.end) || w >= ids.second;
        if (!is_id) continue;
        if (constants_.contains(copy[w])) copy[w] = make_constant(copy[w], &made, &made_here);
        if (op != kAccessChain && sunk_chains_.contains(copy[w])) {
          copy[w] = make_pointer(copy[w], &body);
        }
      }
      if (op == kAccessChain && copy.size() > 3 && is_to_sink(copy)) {
        sunk_chains_[copy[2]] = std::move(copy);
        continue;
      }
      if (op == kAccessChain && copy.size() > 3 && sunk_chains_.contains(copy[3])) {
        copy[3] = make_pointer(copy[3], &body);
      }
      copy_instruction(copy, in_head ? out : &body);
    }
    out->insert(out->end(), made_here.begin(), made_here.end());
    out->insert(out->end(), body.begin(), body.end());
    return place;
  }

  Words words_;
  uint32_t bound_;
  // Types and constants that are used, if they are there.
  uint32_t uint_ = 0, bool_ = 0, single_ = 0, zero_ = 0, one_ = 0;
  std::map<uint32_t, uint32_t> floats_, pointers_;  // width; by what they point to
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> vectors_;
  std::map<uint32_t, std::pair<uint32_t, uint32_t>> structs_;  // of two members
  std::map<uint32_t, uint32_t> types_;                         // of values
  // What there is to do.
  std::map<uint32_t, Constant> constants_;
  std::map<uint32_t, uint32_t> variables_;
  std::set<uint32_t> sunk_;
  std::map<uint32_t, Words> sunk_chains_;
  bool carries_ = false, halves_ = false;
};

}  // namespace

std::vector<uint32_t> for_tint(const uint32_t* words, uint32_t count) {
  return Rewriter(words, count).run();
}

}  // namespace iree::hal_webgpu
