// What `with_float_controls` makes of a module. Made for a build with the address and
// undefined-behaviour sanitizers.
//
// Usage: float_controls DENORMALS SPECIAL NEAREST SUPPORT FUZZ <MODULE >MODULE. The first three say
// for floats of 16, 32 and 64 bits which a device supports, as digits 1 and 0; SUPPORT is
// VkShaderFloatControlsIndependence. FUZZ modules with other operations in them are tried besides.
#include "float_controls.h"

#include <stdio.h>
#include <stdlib.h>

#include <iterator>
#include <random>

namespace iree::hal_vulkan {
namespace {

constexpr uint32_t kOperations[] = {10, 15, 16, 17, 22, 54};

void fuzz(std::vector<uint32_t> words, int count, const VkPhysicalDeviceVulkan12Properties& p) {
  std::mt19937 random(1);
  std::vector<size_t> starts;
  for (size_t at = 5; at < words.size(); at += words[at] >> 16) starts.push_back(at);
  for (int i = 0; i < count; ++i) {
    std::vector<uint32_t> changed = words;
    for (int k = 0; k < 4; ++k) {
      uint32_t& word = changed[starts[random() % starts.size()]];
      word = (word & 0xFFFF0000) | kOperations[random() % std::size(kOperations)];
    }
    size_t size = 5;
    const std::vector<uint32_t> made = with_float_controls(changed.data(), changed.size(), p);
    while (size < made.size() && made[size] >> 16) size += made[size] >> 16;
    if (size != made.size() || made.size() < changed.size()) {
      fprintf(stderr, "instructions end at word %zu of %zu\n", size, made.size());
      exit(1);
    }
  }
}

int run(char** argv) {
  VkPhysicalDeviceVulkan12Properties p = {};
  auto has = [&](int argument, int width) { return VkBool32(argv[argument][width] == '1'); };
  p.shaderDenormPreserveFloat16 = has(1, 0);
  p.shaderDenormPreserveFloat32 = has(1, 1);
  p.shaderDenormPreserveFloat64 = has(1, 2);
  p.shaderSignedZeroInfNanPreserveFloat16 = has(2, 0);
  p.shaderSignedZeroInfNanPreserveFloat32 = has(2, 1);
  p.shaderSignedZeroInfNanPreserveFloat64 = has(2, 2);
  p.shaderRoundingModeRTEFloat16 = has(3, 0);
  p.shaderRoundingModeRTEFloat32 = has(3, 1);
  p.shaderRoundingModeRTEFloat64 = has(3, 2);
  p.denormBehaviorIndependence = p.roundingModeIndependence =
      static_cast<VkShaderFloatControlsIndependence>(atoi(argv[4]));
  std::vector<uint32_t> words;
  for (uint32_t word; fread(&word, sizeof(word), 1, stdin) == 1;) words.push_back(word);
  fuzz(words, atoi(argv[5]), p);
  const std::vector<uint32_t> made = with_float_controls(words.data(), words.size(), p);
  return fwrite(made.data(), sizeof(uint32_t), made.size(), stdout) != made.size();
}

}  // namespace
}  // namespace iree::hal_vulkan

int main(int argc, char** argv) { return argc == 6 ? iree::hal_vulkan::run(argv) : 2; }
