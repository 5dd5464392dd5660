// What Tint, Dawn's compiler, does not read though it is in SPIR-V's portable profile, said in
// other words.
#pragma once

#include <stdint.h>

#include <vector>

namespace iree::hal_webgpu {

// The module, with
//  * constants that are or hold an infinity or a NaN, which WGSL has none of, made anew where a
//  function begins, from bits
//    in a variable, whose value Tint does not ask for;
//  * pointers to what is used atomically made anew for each use, since Tint cannot keep them;
//  * OpIAddCarry and OpISubBorrow of 32-bit words as a comparison;
//  * conversions from f16 to integers by way of f32.
// `words` has been through spirv::Executable::read: its instructions lie within it. What is not as
// expected stays: it is Dawn that verifies.
std::vector<uint32_t> for_tint(const uint32_t* words, uint32_t count);

}  // namespace iree::hal_webgpu
