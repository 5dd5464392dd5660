// The dispatch loop. Everything it reads was checked by verifier.cc: there are no checks here but
// those that the instructions themselves define.
#include <cmath>
#include <cstring>
#include <limits>

#include "arithmetic.h"
#include "context.h"
#include "invocation.h"
#include "isa.h"
#include "natives.h"

namespace iree::vm {
namespace {

// Branches and calls between two looks at the clock: 50 to 200 microseconds.
constexpr int kQuantum = 1 << 16;

template <typename T>
T load(const uint16_t* words) {
  T value;
  memcpy(&value, words, sizeof(T));
  return value;
}

[[noreturn, gnu::cold, gnu::noinline]] void trap(iree_hal_code_t code, const char* message) {
  throw hal::Error(hal::make_status(code, "%s", message));
}

[[noreturn, gnu::cold, gnu::noinline]] void trap(iree_hal_code_t code, std::string_view message) {
  throw hal::Error(hal::make_status(
      code, "%.*s", static_cast<int>(std::min<size_t>(message.size(), 1 << 16)), message.data()));
}

[[noreturn, gnu::cold, gnu::noinline]] void division_trap(bool by_zero) {
  trap(by_zero ? IREE_HAL_INVALID_ARGUMENT : IREE_HAL_OUT_OF_RANGE,
       by_zero ? "division by zero" : "integer overflow in division");
}

// A register with that member set and no other bits: all of it is written, so that whatever reads
// it, such as a move, need not wait until the write has reached the cache.
template <auto Value::*member>
Value whole(auto value) {
  Value result = {.u64 = 0};
  result.*member = value;
  return result;
}

// Skips a branch operand.
const uint16_t* skip_branch(const uint16_t* words) {
  words += 2;
  words += 1 + 2 * words[0];
  return words + 1 + 2 * words[0];
}

// Makes the moves of a branch operand that has some.
[[gnu::noinline]] void make_moves(const Frame& frame, const uint16_t* words) {
  Value* values = frame.values;
  uint32_t n = words[2];
  words += 3;
  if (n == 1) {
    values[words[1]] = values[words[0]];
  } else if (n == 2) {
    Value a = values[words[0]], b = values[words[2]];
    values[words[1]] = a;
    values[words[3]] = b;
  } else if (n) {
    Value* scratch = values + frame.function->value_count;
    for (uint32_t i = 0; i < n; ++i) scratch[i] = values[words[2 * i]];
    for (uint32_t i = 0; i < n; ++i) values[words[2 * i + 1]] = scratch[i];
  }
  words += 2 * n;
  n = words[0];
  if (n) [[unlikely]] {
    ++words;
    Ref* refs = frame.refs;
    Ref* scratch = refs + frame.function->ref_count;
    for (uint32_t i = 0; i < n; ++i) scratch[i] = refs[words[2 * i]];
    for (uint32_t i = 0; i < n; ++i) refs[words[2 * i + 1]] = std::move(scratch[i]);
  }
}

// Makes the moves of a branch operand and returns its target.
inline const uint16_t* take_branch(const Frame& frame, const uint16_t* code,
                                   const uint16_t* words) {
  // How many values follow the target; if none, references. Two loads, since the next instruction
  // waits for the target alone.
  if (load<uint32_t>(words + 2)) [[unlikely]]
    make_moves(frame, words);
  return code + load<uint32_t>(words);
}

// Fills in a new frame's arguments from the caller's registers; returns the words behind them.
inline const uint16_t* pass_arguments(const Frame& caller, Frame& callee, const uint16_t* words) {
  Value* value = callee.values;
  Ref* ref = callee.refs;
  for (char letter : callee.function->arguments) {
    if (letter == 'r') {
      *ref++ = caller.refs[*words++];
    } else {
      *value++ = caller.values[*words++];
    }
  }
  return words;
}

// Hands the registers listed at `words` to the caller, or to the invocation's results.
inline void pass_results(Invocation& invocation, const Frame& frame, const uint16_t* words) {
  if (const Frame* caller = frame.caller) {
    const uint16_t* to = frame.results;
    for (char letter : frame.function->results) {
      if (letter == 'r') {
        caller->refs[*to++] = frame.refs[*words++];
      } else {
        caller->values[*to++] = frame.values[*words++];
      }
    }
    return;
  }
  for (char letter : frame.function->results) {
    if (letter == 'r') {
      invocation.ref_results.push_back(frame.refs[*words++]);
    } else {
      invocation.value_results.push_back(frame.values[*words++]);
    }
  }
}

inline List* as_list(const Ref& ref) {
  if (ref.type() != RefType::kList) [[unlikely]] {
    throw hal::Error(hal::make_status(IREE_HAL_INVALID_ARGUMENT, "expected a vm.list, not %s",
                                      name_of(ref.type())));
  }
  return ref.as<List>();
}

uint64_t import_words(const ImportSignature& signature, const uint16_t* counts) {
  uint64_t words = signature.groups.size() + signature.fixed;
  for (size_t i = 0; i < signature.groups.size(); ++i)
    words += uint64_t{counts[i]} * signature.groups[i];
  return words;
}

}  // namespace

Outcome interpret(Invocation& invocation) {
#define VM_OP(id, name, fields, type) &&id,
  static const void* const kLabels[] = {
#include "isa.inc"
  };
#undef VM_OP
  // These, `fuel` and `invocation` should be in registers; the rest is found through them.
  Frame* frame = invocation.frame;
  const uint16_t* pc = frame->pc;
  Value* v = frame->values;
  const uint16_t* code = frame->function->code;
  int fuel = kQuantum;

#define RESULT(member, expression) v[pc[1]] = whole<&Value::member>(expression)
#define NEXT(words)     \
  do {                  \
    pc += (words);      \
    goto* kLabels[*pc]; \
  } while (false)
// Before anything that may throw or leave.
#define SAVE() frame->pc = pc
#define ENTER_FRAME() (pc = frame->pc, v = frame->values, code = frame->function->code)
#define PAUSE_IF_DUE()             \
  if (--fuel == 0) [[unlikely]] {  \
    SAVE();                        \
    invocation.check_interrupts(); \
    return Outcome::kPaused;       \
  }

// Takes the first or the second of two branch operands.
#define BRANCH_IF(condition, words)         \
  do {                                      \
    const uint16_t* branch = (words);       \
    if (!(condition)) [[unlikely]]          \
      branch = skip_branch(branch);         \
    pc = take_branch(*frame, code, branch); \
    PAUSE_IF_DUE();                         \
    NEXT(0);                                \
  } while (false)

  goto* kLabels[*pc];

  //===--------------------------------------------------------------------===//
  // Control
  //===--------------------------------------------------------------------===//

op_br:
  pc = take_branch(*frame, code, pc + 1);
  PAUSE_IF_DUE();
  NEXT(0);
op_cond_br:
  BRANCH_IF(v[pc[1]].i32, pc + 2);
op_switch: {
  uint32_t selected = v[pc[1]].u32;
  const uint16_t* branch = pc + 2;
  const uint16_t* cases = skip_branch(branch);
  if (selected < *cases++) {
    branch = cases;
    while (selected--) branch = skip_branch(branch);
  }
  pc = take_branch(*frame, code, branch);
  PAUSE_IF_DUE();
  NEXT(0);
}
op_return:
  pass_results(invocation, *frame, pc + 1);
  invocation.pop();
  frame = invocation.frame;
  if (!frame) return Outcome::kDone;
  ENTER_FRAME();
  NEXT(0);
op_fail: {
  SAVE();
  int32_t status = v[pc[1]].i32;
  if (status <= IREE_HAL_OK || status > IREE_HAL_INCOMPATIBLE) status = IREE_HAL_UNKNOWN;
  trap(static_cast<iree_hal_code_t>(status),
       invocation.context.module->strings[load<uint32_t>(pc + 2)]);
}
op_call: {
  SAVE();
  const Function& callee = invocation.context.module->functions[load<uint32_t>(pc + 1)];
  Frame* inner = invocation.push(callee, nullptr);
  inner->results = pass_arguments(*frame, *inner, pc + 3);
  frame->pc = inner->results + callee.results.size();
  frame = inner;
  ENTER_FRAME();
  PAUSE_IF_DUE();
  NEXT(0);
}
op_call_import: {
  SAVE();
  uint32_t index = load<uint32_t>(pc + 1);
  const Native* native = invocation.context.imports[index];
  if (!native) [[unlikely]] {
    throw hal::Error(
        hal::make_status(IREE_HAL_UNIMPLEMENTED, "optional import %.*s is absent",
                         static_cast<int>(std::min<size_t>(
                             invocation.context.module->imports[index].name.size(), 200)),
                         invocation.context.module->imports[index].name.data()));
  }
  NativeCall call(invocation, *frame, pc + 3, native->name);
  bool done = native->function(call);
  pc += 3 + import_words(*invocation.context.module->imports[index].parsed, pc + 3);
  if (!done) {
    SAVE();
    return Outcome::kSuspended;
  }
  NEXT(0);
}
op_import_resolved:
  RESULT(i32, invocation.context.imports[load<uint32_t>(pc + 2)] != nullptr);
  NEXT(4);
op_assert:
  if (!v[pc[1]].i32) [[unlikely]] {
    SAVE();
    trap(IREE_HAL_FAILED_PRECONDITION, invocation.context.module->strings[load<uint32_t>(pc + 2)]);
  }
  NEXT(4);
op_yield:
  SAVE();
  invocation.check_interrupts();
  frame->pc = pc + 1;
  return Outcome::kYielded;

  //===--------------------------------------------------------------------===//
  // Constants, moves, globals, selection
  //===--------------------------------------------------------------------===//

#define VALUE_OPS(type, immediate_type)                                                    \
  op_const_##type : RESULT(immediate_type, load<decltype(Value::immediate_type)>(pc + 2)); \
  NEXT(2 + sizeof(Value::immediate_type) / 2);                                             \
  op_mov_##type : v[pc[1]] = v[pc[2]];                                                     \
  NEXT(3);                                                                                 \
  op_select_##type : v[pc[1]] = v[v[pc[2]].i32 ? pc[3] : pc[4]];                           \
  NEXT(5);                                                                                 \
  op_global_load_##type : v[pc[1]] = invocation.context.values[load<uint32_t>(pc + 2)];    \
  NEXT(4);                                                                                 \
  op_global_store_##type : invocation.context.values[load<uint32_t>(pc + 1)] = v[pc[3]];   \
  NEXT(4)
  VALUE_OPS(i32, u32);
  VALUE_OPS(i64, u64);
  VALUE_OPS(f32, u32);
  VALUE_OPS(f64, u64);
#undef VALUE_OPS

op_ref_null:
  frame->refs[pc[1]] = Ref();
  NEXT(2);
op_ref_copy:
  frame->refs[pc[1]] = frame->refs[pc[2]];
  NEXT(3);
op_ref_move: {
  Ref moved = std::move(frame->refs[pc[2]]);
  frame->refs[pc[1]] = std::move(moved);
  NEXT(3);
}
op_ref_select:
  frame->refs[pc[1]] = frame->refs[v[pc[2]].i32 ? pc[3] : pc[4]];
  NEXT(5);
op_ref_eq:
  RESULT(i32, frame->refs[pc[2]].object() == frame->refs[pc[3]].object());
  NEXT(4);
op_ref_is_null:
  RESULT(i32, !frame->refs[pc[2]]);
  NEXT(3);
op_global_load_ref:
  frame->refs[pc[1]] = invocation.context.refs[load<uint32_t>(pc + 2)];
  NEXT(4);
op_global_store_ref: {
  uint32_t index = load<uint32_t>(pc + 1);
  const Ref& ref = frame->refs[pc[3]];
  RefType type = invocation.context.module->globals[index].ref_type;
  if (type != RefType::kNull && ref && ref.type() != type) [[unlikely]] {
    SAVE();
    throw hal::Error(hal::make_status(IREE_HAL_INVALID_ARGUMENT,
                                      "global of type %s cannot hold a %s", name_of(type),
                                      name_of(ref.type())));
  }
  invocation.context.refs[index] = ref;
  NEXT(4);
}
op_rodata:
  frame->refs[pc[1]] = invocation.context.rodata[load<uint32_t>(pc + 2)];
  NEXT(4);

  //===--------------------------------------------------------------------===//
  // Integers
  //===--------------------------------------------------------------------===//

#define BINARY(op, result, expression)                       \
  op_##op : {                                                \
    [[maybe_unused]] const Value a = v[pc[2]], b = v[pc[3]]; \
    RESULT(result, (expression));                            \
    NEXT(4);                                                 \
  }
// A branch on the result mostly follows: it is made at once, which saves a jump through the table.
#define COMPARE(op, expression)                                             \
  op_##op : {                                                               \
    const Value a = v[pc[2]], b = v[pc[3]];                                 \
    const bool holds = (expression);                                        \
    RESULT(i32, holds);                                                     \
    if (pc[4] == uint16_t(Opcode::op_cond_br) && pc[5] == pc[1]) [[likely]] \
      BRANCH_IF(holds, pc + 6);                                             \
    NEXT(4);                                                                \
  }
#define UNARY(op, result, expression) \
  op_##op : {                         \
    const Value a = v[pc[2]];         \
    RESULT(result, (expression));     \
    NEXT(3);                          \
  }
#define CHECK_DIVISION(bad, by_zero) \
  if (bad) [[unlikely]] {            \
    SAVE();                          \
    division_trap(by_zero);          \
  }
#define INTEGER_OPS(s, u, bits)                                                       \
  BINARY(add_##s, u, a.u + b.u)                                                       \
  BINARY(sub_##s, u, a.u - b.u)                                                       \
  BINARY(mul_##s, u, a.u* b.u)                                                        \
  op_div_s_##s : {                                                                    \
    const auto a = v[pc[2]].s, b = v[pc[3]].s;                                        \
    CHECK_DIVISION(b == 0, true);                                                     \
    CHECK_DIVISION(b == -1 && a == std::numeric_limits<int##bits##_t>::min(), false); \
    RESULT(s, a / b);                                                                 \
    NEXT(4);                                                                          \
  }                                                                                   \
  op_div_u_##s : {                                                                    \
    const auto a = v[pc[2]].u, b = v[pc[3]].u;                                        \
    CHECK_DIVISION(b == 0, true);                                                     \
    RESULT(u, a / b);                                                                 \
    NEXT(4);                                                                          \
  }                                                                                   \
  op_rem_s_##s : {                                                                    \
    const auto a = v[pc[2]].s, b = v[pc[3]].s;                                        \
    CHECK_DIVISION(b == 0, true);                                                     \
    RESULT(s, b == -1 ? 0 : a % b);                                                   \
    NEXT(4);                                                                          \
  }                                                                                   \
  op_rem_u_##s : {                                                                    \
    const auto a = v[pc[2]].u, b = v[pc[3]].u;                                        \
    CHECK_DIVISION(b == 0, true);                                                     \
    RESULT(u, a % b);                                                                 \
    NEXT(4);                                                                          \
  }                                                                                   \
  BINARY(and_##s, u, a.u & b.u)                                                       \
  BINARY(or_##s, u, a.u | b.u)                                                        \
  BINARY(xor_##s, u, a.u ^ b.u)                                                       \
  BINARY(shl_##s, u, a.u << (b.u & (bits - 1)))                                       \
  BINARY(shr_s_##s, s, a.s >> (b.u & (bits - 1)))                                     \
  BINARY(shr_u_##s, u, a.u >> (b.u & (bits - 1)))                                     \
  BINARY(min_s_##s, s, a.s < b.s ? a.s : b.s)                                         \
  BINARY(max_s_##s, s, a.s > b.s ? a.s : b.s)                                         \
  BINARY(min_u_##s, u, a.u < b.u ? a.u : b.u)                                         \
  BINARY(max_u_##s, u, a.u > b.u ? a.u : b.u)                                         \
  UNARY(clz_##s, u, static_cast<uint##bits##_t>(std::countl_zero(a.u)))               \
  UNARY(ctz_##s, u, static_cast<uint##bits##_t>(std::countr_zero(a.u)))               \
  UNARY(popcnt_##s, u, static_cast<uint##bits##_t>(std::popcount(a.u)))               \
  COMPARE(cmp_eq_##s, a.u == b.u)                                                     \
  COMPARE(cmp_ne_##s, a.u != b.u)                                                     \
  COMPARE(cmp_lt_s_##s, a.s < b.s)                                                    \
  COMPARE(cmp_le_s_##s, a.s <= b.s)                                                   \
  COMPARE(cmp_lt_u_##s, a.u < b.u)                                                    \
  COMPARE(cmp_le_u_##s, a.u <= b.u)
  INTEGER_OPS(i32, u32, 32)
  INTEGER_OPS(i64, u64, 64)
#undef INTEGER_OPS
#undef CHECK_DIVISION

  //===--------------------------------------------------------------------===//
  // Floats
  //===--------------------------------------------------------------------===//

#define FLOAT_OPS(t)                           \
  BINARY(add_##t, t, a.t + b.t)                \
  BINARY(sub_##t, t, a.t - b.t)                \
  BINARY(mul_##t, t, a.t* b.t)                 \
  BINARY(div_##t, t, a.t / b.t)                \
  BINARY(rem_##t, t, std::fmod(a.t, b.t))      \
  BINARY(min_##t, t, minimum(a.t, b.t))        \
  BINARY(max_##t, t, maximum(a.t, b.t))        \
  BINARY(pow_##t, t, std::pow(a.t, b.t))       \
  BINARY(atan2_##t, t, std::atan2(a.t, b.t))   \
  UNARY(neg_##t, t, -a.t)                      \
  UNARY(abs_##t, t, std::fabs(a.t))            \
  UNARY(ceil_##t, t, std::ceil(a.t))           \
  UNARY(floor_##t, t, std::floor(a.t))         \
  UNARY(trunc_##t, t, std::trunc(a.t))         \
  UNARY(round_##t, t, std::round(a.t))         \
  UNARY(roundeven_##t, t, std::nearbyint(a.t)) \
  UNARY(sqrt_##t, t, std::sqrt(a.t))           \
  UNARY(exp_##t, t, std::exp(a.t))             \
  UNARY(expm1_##t, t, std::expm1(a.t))         \
  UNARY(log_##t, t, std::log(a.t))             \
  UNARY(log1p_##t, t, std::log1p(a.t))         \
  UNARY(sin_##t, t, std::sin(a.t))             \
  UNARY(cos_##t, t, std::cos(a.t))             \
  UNARY(tan_##t, t, std::tan(a.t))             \
  UNARY(tanh_##t, t, std::tanh(a.t))           \
  UNARY(erf_##t, t, std::erf(a.t))             \
  COMPARE(cmp_eq_##t, a.t == b.t)              \
  COMPARE(cmp_ne_##t, a.t != b.t)              \
  COMPARE(cmp_lt_##t, a.t < b.t)               \
  COMPARE(cmp_le_##t, a.t <= b.t)              \
  COMPARE(cmp_unordered_##t, a.t != a.t || b.t != b.t)
  FLOAT_OPS(f32)
  FLOAT_OPS(f64)
#undef FLOAT_OPS

  //===--------------------------------------------------------------------===//
  // Conversions
  //===--------------------------------------------------------------------===//

  UNARY(trunc_i64_i32, u32, static_cast<uint32_t>(a.u64))
  UNARY(ext_s_i32_i64, i64, a.i32)
  UNARY(ext_u_i32_i64, u64, a.u32)
  UNARY(ext_s_i1_i32, i32, -(a.i32 & 1))
  UNARY(ext_u_i1_i32, i32, a.i32 & 1)
  UNARY(ext_s_i8_i32, i32, static_cast<int8_t>(a.u32))
  UNARY(ext_u_i8_i32, i32, static_cast<uint8_t>(a.u32))
  UNARY(ext_s_i16_i32, i32, static_cast<int16_t>(a.u32))
  UNARY(ext_u_i16_i32, i32, static_cast<uint16_t>(a.u32))
#define NUMBER_OPS(i, u, f)                                      \
  UNARY(fp_s_##i##_##f, f, static_cast<decltype(Value::f)>(a.i)) \
  UNARY(fp_u_##i##_##f, f, static_cast<decltype(Value::f)>(a.u)) \
  UNARY(int_s_##f##_##i, i, saturate<decltype(Value::i)>(a.f))   \
  UNARY(int_u_##f##_##i, u, saturate<decltype(Value::u)>(a.f))
  NUMBER_OPS(i32, u32, f32)
  NUMBER_OPS(i32, u32, f64)
  NUMBER_OPS(i64, u64, f32)
  NUMBER_OPS(i64, u64, f64)
#undef NUMBER_OPS
  UNARY(fpext_f32_f64, f64, a.f32)
  UNARY(fptrunc_f64_f32, f32, static_cast<float>(a.f64))
  UNARY(bitcast_i32_f32, u32, a.u32)
  UNARY(bitcast_f32_i32, u32, a.u32)
  UNARY(bitcast_i64_f64, u64, a.u64)
  UNARY(bitcast_f64_i64, u64, a.u64)
#undef UNARY
#undef BINARY

  //===--------------------------------------------------------------------===//
  // Lists
  //===--------------------------------------------------------------------===//

#define LIST(reg) (*as_list(frame->refs[reg]))
op_list_create: {
  SAVE();
  auto list = hal::Ref<List>::adopt(new List(invocation.budget()));
  list->reserve(v[pc[2]].u64);
  frame->refs[pc[1]] = Ref::adopt(RefType::kList, list.release());
  NEXT(3);
}
op_list_size:
  SAVE();
  RESULT(u64, LIST(pc[2]).size());
  NEXT(3);
op_list_resize:
  SAVE();
  LIST(pc[1]).resize(v[pc[2]].u64);
  NEXT(3);
#define LIST_OPS(type, code)                      \
  op_list_get_##type : SAVE();                    \
  v[pc[1]] = LIST(pc[2]).get(v[pc[3]].u64, code); \
  NEXT(4);                                        \
  op_list_set_##type : SAVE();                    \
  LIST(pc[1]).set(v[pc[2]].u64, code, v[pc[3]]);  \
  NEXT(4)
  LIST_OPS(i32, 0);
  LIST_OPS(i64, 1);
  LIST_OPS(f32, 2);
  LIST_OPS(f64, 3);
#undef LIST_OPS
op_list_get_ref:
  SAVE();
  frame->refs[pc[1]] = LIST(pc[2]).get_ref(v[pc[3]].u64);
  NEXT(4);
op_list_set_ref:
  SAVE();
  LIST(pc[1]).set_ref(v[pc[2]].u64, frame->refs[pc[3]]);
  NEXT(4);
#undef LIST
#undef NEXT
#undef SAVE
#undef ENTER_FRAME
#undef PAUSE_IF_DUE
}

}  // namespace iree::vm
