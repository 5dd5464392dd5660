#include "dawn.h"

#include <dlfcn.h>

#include <mutex>

namespace iree::hal_webgpu {
namespace {

struct Library {
  std::mutex mutex;
  std::string path;
  Dawn functions = {};
  WGPUInstance instance = nullptr;
  std::vector<Adapter> adapters;
};

// Never destroyed: service threads use it until the process ends.
Library& library() {
  static Library* one = new Library();
  return *one;
}

iree_hal_status_t load(Library* self) {
  if (self->path.empty()) {
    return hal::make_status(
        IREE_HAL_NOT_FOUND,
        "the WebGPU driver needs Dawn's library: pip install " IREE_DAWN_PACKAGE);
  }
  void* handle = dlopen(self->path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    return hal::make_status(IREE_HAL_INCOMPATIBLE,
                            "Dawn's library does not load (%s); reinstall it: pip install "
                            "--force-reinstall " IREE_DAWN_PACKAGE,
                            dlerror());
  }
#define IREE_WEBGPU_LOOK_UP(name, result, arguments)                                         \
  self->functions.name = reinterpret_cast<result(*) arguments>(dlsym(handle, "wgpu" #name)); \
  if (!self->functions.name) {                                                               \
    return hal::make_status(IREE_HAL_INCOMPATIBLE,                                           \
                            "%s has no function wgpu" #name                                  \
                            ": it is of another version; pip install " IREE_DAWN_PACKAGE,    \
                            self->path.c_str());                                             \
  }
  IREE_WEBGPU_FUNCTIONS(IREE_WEBGPU_LOOK_UP)
#undef IREE_WEBGPU_LOOK_UP
  WGPUInstanceDescriptor descriptor = {};
  descriptor.features.timedWaitAnyEnable = true;
  self->instance = self->functions.CreateInstance(&descriptor);
  if (!self->instance) return hal::make_status(IREE_HAL_INTERNAL, "Dawn makes no instance");
  return nullptr;
}

const char* backend_name(uint32_t backend) {
  switch (backend) {
    case WGPUBackendType_D3D12:
      return "D3D12";
    case WGPUBackendType_Metal:
      return "Metal";
    case WGPUBackendType_Vulkan:
      return "Vulkan";
    default:
      return "unknown backend";
  }
}

const char* type_name(uint32_t type) {
  switch (type) {
    case WGPUAdapterType_DiscreteGPU:
      return "discrete GPU";
    case WGPUAdapterType_IntegratedGPU:
      return "integrated GPU";
    case WGPUAdapterType_CPU:
      return "CPU";
    default:
      return "unknown type";
  }
}

// What a request for an adapter ends with.
struct Answer {
  WGPUAdapter adapter = nullptr;
  std::string message;
};

Answer request(const WGPURequestAdapterOptions& options) {
  Answer answer;
  WGPURequestAdapterCallbackInfo2 info = {};
  info.mode = WGPUCallbackMode_WaitAnyOnly;
  info.userdata1 = &answer;
  info.callback = [](uint32_t status, WGPUAdapter adapter, WGPUStringView message, void* data,
                     void*) {
    auto* out = static_cast<Answer*>(data);
    if (status == WGPURequestAdapterStatus_Success) out->adapter = adapter;
    out->message = to_string(message);
  };
  wait(dawn().InstanceRequestAdapter2(instance(), &options, info), UINT64_MAX);
  return answer;
}

Adapter describe(WGPUAdapter handle, uint64_t* identity) {
  Adapter adapter;
  adapter.handle = handle;
  WGPUAdapterInfo info = {};
  dawn().AdapterGetInfo(handle, &info);
  adapter.name = to_string(info.device);
  adapter.kind = std::string(backend_name(info.backendType)) + ", " + type_name(info.adapterType);
  *identity = uint64_t{info.vendorID} << 32 | info.deviceID;
  dawn().AdapterInfoFreeMembers(info);
  WGPUSupportedLimits limits = {};
  dawn().AdapterGetLimits(handle, &limits);
  adapter.limits = limits.limits;
  adapter.has_f16 = dawn().AdapterHasFeature(handle, WGPUFeatureName_ShaderF16);
  return adapter;
}

iree_hal_status_t look_for_adapters(std::vector<Adapter>* out) {
#if defined(__APPLE__)
  constexpr uint32_t backend = WGPUBackendType_Metal;
#else
  constexpr uint32_t backend = WGPUBackendType_Vulkan;
#endif
  std::string message;
  std::vector<uint64_t> identities;
  // Dawn's C API answers each request with one adapter; these are all that there are to ask.
  for (uint32_t fallback : {0u, 1u}) {
    for (uint64_t power : {WGPUPowerPreference_HighPerformance, WGPUPowerPreference_LowPower}) {
      WGPURequestAdapterOptions options = {};
      options.featureLevel = WGPUFeatureLevel_Core;
      options.backendType = backend;
      options.powerPreference = static_cast<uint32_t>(power);
      options.forceFallbackAdapter = fallback;
      Answer answer = request(options);
      if (!answer.adapter) {
        if (message.empty()) message = answer.message;
        continue;
      }
      uint64_t identity;
      Adapter adapter = describe(answer.adapter, &identity);
      bool known = false;
      for (size_t i = 0; i < out->size(); ++i) {
        known |= identities[i] == identity && (*out)[i].name == adapter.name;
      }
      if (known) {
        dawn().AdapterRelease(answer.adapter);
        continue;
      }
      identities.push_back(identity);
      out->push_back(std::move(adapter));
    }
  }
  if (!out->empty()) return nullptr;
  return hal::make_status(
      IREE_HAL_NOT_FOUND,
      "Dawn finds no adapter on this machine (%s); it needs a Vulkan loader and a "
      "driver: apt-get install libvulkan1 mesa-vulkan-drivers, or the GPU vendor's",
      message.c_str());
}

}  // namespace

const Dawn& dawn() { return library().functions; }
WGPUInstance instance() { return library().instance; }

void set_library(std::string path) {
  std::lock_guard lock(library().mutex);
  library().path = std::move(path);
}

iree_hal_status_t start() {
  std::lock_guard lock(library().mutex);
  return library().instance ? nullptr : load(&library());
}

bool wait(WGPUFuture future, uint64_t timeout_ns) {
  WGPUFutureWaitInfo info = {};
  info.future = future;
  return dawn().InstanceWaitAny(instance(), 1, &info, timeout_ns) != WGPUWaitStatus_TimedOut;
}

iree_hal_status_t find_adapters(std::vector<Adapter>* out) {
  IREE_HAL_TRY(start());
  std::lock_guard lock(library().mutex);
  // What is found stays; nothing found is looked for again.
  if (library().adapters.empty()) IREE_HAL_TRY(look_for_adapters(&library().adapters));
  *out = library().adapters;
  return nullptr;
}

}  // namespace iree::hal_webgpu
