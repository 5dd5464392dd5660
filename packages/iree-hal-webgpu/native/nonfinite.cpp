#include "nonfinite.h"

#include <map>
#include <span>

namespace iree::hal_webgpu {
namespace {

enum Op : uint32_t {
  kLine = 8,
  kExtInst = 12,
  kTypeInt = 21,
  kTypeFloat = 22,
  kTypeVector = 23,
  kTypePointer = 32,
  kConstant = 43,
  kConstantComposite = 44,
  kFunction = 54,
  kFunctionParameter = 55,
  kVariable = 59,
  kLoad = 61,
  kStore = 62,
  kVectorShuffle = 79,
  kCompositeConstruct = 80,
  kCompositeExtract = 81,
  kCompositeInsert = 82,
  kBitcast = 124,
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
    case kLoad:
    case kStore:
    case kSwitch:
      return {1, 3};
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
    const size_t functions = scan();
    if (constants_.empty()) return std::move(words_);
    Words out(words_.begin(), words_.begin() + functions);
    declare(&out);
    for (size_t at = functions; at < words_.size();) at = copy_function(at, &out);
    out[kBound] = bound_;
    return out;
  }

 private:
  Instruction at(size_t place) const { return {&words_[place], words_[place] >> 16}; }

  // Finds the constants; the place of the first function.
  size_t scan() {
    size_t place = kHeaderWords;
    for (; place < words_.size(); place += at(place).size()) {
      const Instruction i = at(place);
      const uint32_t op = op_of(i);
      if (op == kFunction) break;
      if (op == kTypeInt && i.size() == 4 && i[2] == 32 && i[3] == 0) uint_ = i[1];
      if (op == kTypeFloat && i.size() >= 3) floats_[i[1]] = i[2];
      if (op == kTypeVector && i.size() == 4 && i[3] == 2) pairs_[i[2]] = i[1];
      if (op == kTypePointer && i.size() == 4 && i[2] == kPrivate) pointers_[i[3]] = i[1];
      if (op == kConstant && i.size() == 4) find_scalar(i);
      if (op == kConstantComposite && i.size() > 3) find_composite(i);
    }
    return place;
  }

  void find_scalar(Instruction i) {
    auto type = floats_.find(i[1]);
    if (type == floats_.end()) return;
    const uint32_t exponent = type->second == 32 ? 0x7F800000u : 0x7C00u;
    if (type->second > 32 || (i[3] & exponent) != exponent) return;
    constants_[i[2]] = {i[1], type->second, i[3], {}};
  }

  void find_composite(Instruction i) {
    for (uint32_t part : i.subspan(3)) {
      if (!constants_.contains(part)) continue;
      constants_[i[2]] = {i[1], 0, 0, Words(i.begin() + 3, i.end())};
      return;
    }
  }

  uint32_t find_or(uint32_t* known, Op op, std::initializer_list<uint32_t> operands, Words* out) {
    if (*known) return *known;
    *known = bound_++;
    out->push_back(static_cast<uint32_t>(operands.size() + 2) << 16 | op);
    out->push_back(*known);
    out->insert(out->end(), operands);
    return *known;
  }

  // Variables with the scalars' bits.
  void declare(Words* out) {
    find_or(&uint_, kTypeInt, {32, 0}, out);
    const uint32_t pointer = find_or(&pointers_[uint_], kTypePointer, {kPrivate, uint_}, out);
    for (const auto& [id, constant] : constants_) {
      if (!constant.parts.empty()) continue;
      if (constant.width == 16)
        find_or(&pairs_[constant.type], kTypeVector, {constant.type, 2}, out);
      const uint32_t bits = bound_++;
      emit(out, kConstant, {uint_, bits, constant.bits});
      emit(out, kVariable, {pointer, variables_[id] = bound_++, kPrivate, bits});
    }
  }

  // What stands for the constant in the function; `out` is where its body begins.
  uint32_t make(uint32_t id, std::map<uint32_t, uint32_t>* made, Words* out) {
    if (auto found = made->find(id); found != made->end()) return found->second;
    const Constant& constant = constants_.at(id);
    const uint32_t result = bound_++;
    if (!constant.parts.empty()) {
      Words parts;
      for (uint32_t part : constant.parts)
        parts.push_back(constants_.contains(part) ? make(part, made, out) : part);
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
        emit(out, kBitcast, {pairs_.at(constant.type), pair, bits});
        emit(out, kCompositeExtract, {constant.type, result, pair, 0});
      }
    }
    return (*made)[id] = result;
  }

  // From OpFunction to the next one or the end; the place behind.
  size_t copy_function(size_t place, Words* out) {
    // Head: parameters, the first label, variables; then the body, in front of which the constants
    // are made.
    Words made_here, body;
    std::map<uint32_t, uint32_t> made;
    bool in_head = true, first = true;
    for (; place < words_.size(); place += at(place).size()) {
      const Instruction i = at(place);
      const uint32_t op = op_of(i);
      if (op == kFunction && !first) break;
      first = false;
      if (in_head && op != kLine && op != kFunction && op != kFunctionParameter && op != kLabel &&
          op != kVariable)
        in_head = false;
      Words* target = in_head ? out : &body;
      const size_t start = target->size();
      target->insert(target->end(), i.begin(), i.end());
      const Ids ids = ids_of(op);
      for (size_t w = 1; w < i.size(); ++w) {
        const bool is_id = (w >= ids.first && w < ids.end) || w >= ids.second;
        if (is_id && constants_.contains(i[w]))
          (*target)[start + w] = make(i[w], &made, &made_here);
      }
    }
    out->insert(out->end(), made_here.begin(), made_here.end());
    out->insert(out->end(), body.begin(), body.end());
    return place;
  }

  Words words_;
  uint32_t bound_;
  uint32_t uint_ = 0;
  std::map<uint32_t, uint32_t> floats_, pairs_, pointers_;  // width; of two; by what they point to
  std::map<uint32_t, Constant> constants_;
  std::map<uint32_t, uint32_t> variables_;
};

}  // namespace

std::vector<uint32_t> without_nonfinite_constants(const uint32_t* words, uint32_t count) {
  return Rewriter(words, count).run();
}

}  // namespace iree::hal_webgpu
