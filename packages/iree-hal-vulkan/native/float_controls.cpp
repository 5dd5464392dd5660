#include "float_controls.h"

#include <cstring>

namespace iree::hal_vulkan {
namespace {

// SPIR-V specification, section 3 (binary form).
enum : uint32_t {
  kOpExtension = 10,
  kOpEntryPoint = 15,
  kOpExecutionMode = 16,
  kOpCapability = 17,
  kOpTypeFloat = 22,
};
constexpr uint32_t kHeaderWords = 5, kGLCompute = 5;
constexpr uint32_t kFirstMode = 4459, kLastMode = 4463;
constexpr uint32_t kWidths[] = {16, 32, 64};
constexpr char kExtension[] = "SPV_KHR_float_controls";

// An execution mode, the capability that it needs, and the widths of floats that it is for.
struct Mode {
  uint32_t number;
  uint32_t capability;
  bool widths[3];
};

// Takes out widths that a device cannot have set apart from those that do not support the mode.
void respect(VkShaderFloatControlsIndependence independence, bool (&widths)[3]) {
  bool others = widths[0] && widths[2];
  if (independence == VK_SHADER_FLOAT_CONTROLS_INDEPENDENCE_NONE) {
    others = others && widths[1];
    widths[1] = others;
  }
  if (independence != VK_SHADER_FLOAT_CONTROLS_INDEPENDENCE_ALL) widths[0] = widths[2] = others;
}

std::vector<Mode> modes_of(const VkPhysicalDeviceVulkan12Properties& p) {
  Mode denormals = {4459,
                    4464,
                    {p.shaderDenormPreserveFloat16 != 0, p.shaderDenormPreserveFloat32 != 0,
                     p.shaderDenormPreserveFloat64 != 0}};
  respect(p.denormBehaviorIndependence, denormals.widths);
  const Mode special = {
      4461,
      4466,
      {p.shaderSignedZeroInfNanPreserveFloat16 != 0, p.shaderSignedZeroInfNanPreserveFloat32 != 0,
       p.shaderSignedZeroInfNanPreserveFloat64 != 0}};
  Mode nearest = {4462,
                  4467,
                  {p.shaderRoundingModeRTEFloat16 != 0, p.shaderRoundingModeRTEFloat32 != 0,
                   p.shaderRoundingModeRTEFloat64 != 0}};
  respect(p.roundingModeIndependence, nearest.widths);
  return {denormals, special, nearest};
}

// Where things are in a module, as indices of words that only grow, whatever order its
// instructions are in.
struct Outline {
  size_t after_capabilities = kHeaderWords;
  size_t after_extensions = kHeaderWords;
  size_t after_modes = kHeaderWords;
  std::vector<uint32_t> entries;
  bool widths[3] = {};
  bool has_extension = false;
  bool asks = false;
};

Outline outline_of(const uint32_t* words, size_t count) {
  Outline found;
  for (size_t at = kHeaderWords; at < count;) {
    const uint32_t operation = words[at] & 0xFFFF, length = words[at] >> 16;
    const size_t next = at + length;
    if (operation == kOpCapability && at == found.after_extensions) {
      found.after_capabilities = found.after_extensions = found.after_modes = next;
    } else if (operation == kOpExtension && at == found.after_extensions) {
      found.after_extensions = found.after_modes = next;
      found.has_extension |= (length - 1) * sizeof(uint32_t) >= sizeof(kExtension) &&
                             memcmp(words + at + 1, kExtension, sizeof(kExtension)) == 0;
    } else if (operation == kOpEntryPoint && length > 2) {
      found.after_modes = next;
      if (words[at + 1] == kGLCompute) found.entries.push_back(words[at + 2]);
    } else if (operation == kOpExecutionMode && length > 2) {
      found.after_modes = next;
      found.asks |= words[at + 2] >= kFirstMode && words[at + 2] <= kLastMode;
    } else if (operation == kOpTypeFloat && length == 3) {  // with a fourth word it is not IEEE's
      for (size_t i = 0; i < 3; ++i) found.widths[i] |= words[at + 2] == kWidths[i];
    }
    at = next;
  }
  return found;
}

}  // namespace

std::vector<uint32_t> with_float_controls(const uint32_t* words, size_t count,
                                          const VkPhysicalDeviceVulkan12Properties& device) {
  const Outline found = outline_of(words, count);
  std::vector<uint32_t> capabilities, extension, modes;
  for (const Mode& mode : modes_of(device)) {
    bool used = false;
    for (size_t i = 0; i < 3; ++i) {
      if (!mode.widths[i] || !found.widths[i]) continue;
      used = true;
      for (uint32_t entry : found.entries)
        modes.insert(modes.end(), {4u << 16 | kOpExecutionMode, entry, mode.number, kWidths[i]});
    }
    if (used) capabilities.insert(capabilities.end(), {2u << 16 | kOpCapability, mode.capability});
  }
  if (found.asks || modes.empty()) return {words, words + count};
  if (!found.has_extension) {
    extension.resize(1 + (sizeof(kExtension) + 3) / 4);
    extension[0] = static_cast<uint32_t>(extension.size()) << 16 | kOpExtension;
    memcpy(&extension[1], kExtension, sizeof(kExtension));
  }
  std::vector<uint32_t> out;
  out.reserve(count + capabilities.size() + extension.size() + modes.size());
  size_t from = 0;
  auto copy_to = [&](size_t end, const std::vector<uint32_t>& then) {
    out.insert(out.end(), words + from, words + end);
    out.insert(out.end(), then.begin(), then.end());
    from = end;
  };
  copy_to(found.after_capabilities, capabilities);
  copy_to(found.after_extensions, extension);
  copy_to(found.after_modes, modes);
  copy_to(count, {});
  return out;
}

}  // namespace iree::hal_vulkan
