#include "natives.h"

#include <unordered_map>

namespace iree::vm {
namespace {

constexpr Native kNatives[] = {
#define VM_IMPORT(id, name, signature) {name, signature, natives::id},
#include "imports.inc"
#undef VM_IMPORT
};

}  // namespace

const Native* find_native(std::string_view name) {
  static const auto* by_name = [] {
    auto* map = new std::unordered_map<std::string_view, const Native*>();
    for (const Native& native : kNatives) map->emplace(native.name, &native);
    return map;
  }();
  auto found = by_name->find(name);
  return found == by_name->end() ? nullptr : found->second;
}

void NativeCall::wrong_type(RefType expected, const Ref& given) const {
  throw hal::Error(hal::make_status(IREE_HAL_INVALID_ARGUMENT,
                                    "%s: argument %u is %s, expected a %s", name, argument_,
                                    name_of(given.type()), name_of(expected)));
}

}  // namespace iree::vm
