#include "loader.h"

#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include <mutex>

namespace iree::hal_vulkan {
namespace {

constexpr const char* kLayer = "VK_LAYER_KHRONOS_validation";
std::atomic<uint64_t> message_count{0};
std::atomic<unsigned> fork_count{0};

VkBool32 on_message(VkDebugUtilsMessageSeverityFlagBitsEXT, VkDebugUtilsMessageTypeFlagsEXT,
                    const VkDebugUtilsMessengerCallbackDataEXT* data, void*) {
  message_count.fetch_add(1, std::memory_order_relaxed);
  fprintf(stderr, "vulkan validation: %s\n", data->pMessage ? data->pMessage : "");
  return 0;
}

// A forked child ends without what was registered before the fork: there NVIDIA's driver crashes,
// and takes the parent's devices along, whose files it shares.
void after_fork() {
  fork_count.fetch_add(1);
  (void)on_exit(
      [](int status, void*) {
        fflush(nullptr);
        _exit(status);
      },
      nullptr);
}

// IREE_VULKAN_LIBRARY names another loader than the system's.
PFN_vkGetInstanceProcAddr load() {
  const char* named = getenv("IREE_VULKAN_LIBRARY");
  const char* name = named && *named ? named : "libvulkan.so.1";
  void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* why = dlerror();
    raise(IREE_HAL_NOT_FOUND,
          "no Vulkan loader: %s; install it (Debian: libvulkan1, and a driver such as "
          "mesa-vulkan-drivers)%s",
          why ? why : name,
          named && *named ? ", or unset IREE_VULKAN_LIBRARY, which names this one" : "");
  }
  auto get = reinterpret_cast<PFN_vkGetInstanceProcAddr>(dlsym(library, "vkGetInstanceProcAddr"));
  if (!get)
    raise(IREE_HAL_INCOMPATIBLE, "%s is no Vulkan loader: it lacks vkGetInstanceProcAddr", name);
  return get;
}

template <typename Function>
Function find(PFN_vkGetInstanceProcAddr get, VkInstance instance, const char* name) {
  auto function = reinterpret_cast<Function>(get(instance, name));
  if (!function) raise(IREE_HAL_INCOMPATIBLE, "the Vulkan loader is too old: it lacks %s", name);
  return function;
}

bool has_layer(PFN_vkGetInstanceProcAddr get) {
  auto enumerate = find<PFN_vkEnumerateInstanceLayerProperties>(
      get, nullptr, "vkEnumerateInstanceLayerProperties");
  uint32_t count = 0;
  check_vk(enumerate(&count, nullptr), "vkEnumerateInstanceLayerProperties");
  std::vector<VkLayerProperties> layers(count);
  check_vk(enumerate(&count, layers.data()), "vkEnumerateInstanceLayerProperties");
  for (const VkLayerProperties& layer : layers) {
    if (strcmp(layer.layerName, kLayer) == 0) return true;
  }
  return false;
}

}  // namespace

unsigned forks() { return fork_count.load(std::memory_order_relaxed); }

uint64_t validation_messages() { return message_count.load(std::memory_order_relaxed); }

const Instance& Instance::get(bool validate) {
  static std::mutex mutex;
  static Instance* instances[2] = {};
  if (forks()) {
    raise(
        IREE_HAL_UNAVAILABLE,
        "Vulkan was loaded before this process forked, and does not survive that; start processes "
        "by spawning");
  }
  std::lock_guard lock(mutex);
  Instance*& instance = instances[validate];
  if (!instance) {
    static const int watched = pthread_atfork(nullptr, nullptr, after_fork);
    if (watched) raise(IREE_HAL_RESOURCE_EXHAUSTED, "pthread_atfork: %s", strerror(watched));
    std::unique_ptr<Instance> made(new Instance());
    made->create(validate);
    instance = made.release();
  }
  return *instance;
}

void Instance::create(bool validate) {
  PFN_vkGetInstanceProcAddr get = load();
  // Absent from loaders of Vulkan 1.0.
  auto version_of =
      reinterpret_cast<PFN_vkEnumerateInstanceVersion>(get(nullptr, "vkEnumerateInstanceVersion"));
  uint32_t version = 1u << 22;
  if (version_of) check_vk(version_of(&version), "vkEnumerateInstanceVersion");
  if (version < kApiVersion) {
    raise(IREE_HAL_INCOMPATIBLE,
          "the Vulkan loader knows Vulkan %u.%u, but 1.3 is needed: update libvulkan1",
          version_major(version), version_minor(version));
  }
  if (validate && !has_layer(get)) {
    raise(IREE_HAL_NOT_FOUND,
          "validate=1 needs the layer %s; install it (Debian: vulkan-validationlayers)", kLayer);
  }
  VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
                                   .pApplicationName = "iree",
                                   .pEngineName = "iree",
                                   .apiVersion = kApiVersion};
  VkDebugUtilsMessengerCreateInfoEXT messenger = {
      .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
      .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT |
                         VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT,
      .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT,
      .pfnUserCallback = on_message};
  const char* extension = "VK_EXT_debug_utils";  // of the layer
  VkInstanceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
                               .pApplicationInfo = &application};
  if (validate) {
    info.pNext = &messenger;
    info.enabledLayerCount = 1;
    info.ppEnabledLayerNames = &kLayer;
    info.enabledExtensionCount = 1;
    info.ppEnabledExtensionNames = &extension;
  }
  VkResult result =
      find<PFN_vkCreateInstance>(get, nullptr, "vkCreateInstance")(&info, nullptr, &handle);
  if (result == VK_ERROR_INCOMPATIBLE_DRIVER) {
    raise(IREE_HAL_NOT_FOUND,
          "the Vulkan loader finds no driver; install one (Debian: mesa-vulkan-drivers, or the GPU "
          "vendor's)");
  }
  check_vk(result, "vkCreateInstance");
#define IREE_VULKAN_LOAD(name) api.name = find<PFN_##name>(get, handle, #name);
  IREE_VULKAN_INSTANCE_FUNCTIONS(IREE_VULKAN_LOAD)
#undef IREE_VULKAN_LOAD
  api.vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR =
      reinterpret_cast<PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR>(
          get(handle, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR"));
  if (validate) {
    auto create =
        find<PFN_vkCreateDebugUtilsMessengerEXT>(get, handle, "vkCreateDebugUtilsMessengerEXT");
    VkDebugUtilsMessengerEXT ignored;
    check_vk(create(handle, &messenger, nullptr, &ignored), "vkCreateDebugUtilsMessengerEXT");
  }
}

std::vector<VkPhysicalDevice> Instance::physical_devices() const {
  uint32_t count = 0;
  check_vk(api.vkEnumeratePhysicalDevices(handle, &count, nullptr), "vkEnumeratePhysicalDevices");
  std::vector<VkPhysicalDevice> devices(count);
  VkResult result = api.vkEnumeratePhysicalDevices(handle, &count, devices.data());
  if (result != VK_INCOMPLETE) check_vk(result, "vkEnumeratePhysicalDevices");
  devices.resize(count);
  return devices;
}

}  // namespace iree::hal_vulkan
