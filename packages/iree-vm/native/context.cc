#include "context.h"

#include <pthread.h>

#include <algorithm>

#include "executor.h"

namespace iree::vm {
namespace {

constexpr size_t kMaxIdle = 64;

void resolve_imports(Context& context) {
  for (const Import& import : context.module->imports) {
    const Native* native = find_native(import.name);
    auto size = [](std::string_view text) {
      return static_cast<int>(std::min<size_t>(text.size(), 200));
    };
    if (!native && !import.optional) {
      throw hal::Error(hal::make_status(
          IREE_HAL_INCOMPATIBLE,
          "the module imports %.*s, which this runtime does not have: install a newer iree-vm",
          size(import.name), import.name.data()));
    }
    if (native && import.signature != native->signature) {
      throw hal::Error(hal::make_status(
          IREE_HAL_INCOMPATIBLE, "the module imports %.*s as %.*s, this runtime has it as %s",
          size(import.name), import.name.data(), size(import.signature), import.signature.data(),
          native->signature));
    }
    context.imports.push_back(native);
  }
}

}  // namespace

hal::Error to_error(const Failure& failure) {
  std::string text = failure.message;
  for (size_t at = 0, end; (end = failure.trace.find('\n', at)) != std::string::npos;
       at = end + 1) {
    text += "\n  in " + failure.trace.substr(at, end - at);
  }
  return hal::Error(hal::make_status(failure.code, "%s", text.c_str()));
}

struct Context::Registry {
  std::mutex mutex;
  Context* first = nullptr;
};

Context::Registry& Context::registry() {
  static Registry all;  // nothing to destroy
  return all;
}

// Whoever gives a turn tells the executor under the turn's lock: contexts come first.
void Context::before_fork() {
  Registry& all = registry();
  all.mutex.lock();
  for (Context* context = all.first; context; context = context->next_) {
    context->turn.before_fork();
    context->idle_mutex_.lock();
  }
  Executor::get().before_fork();
}

void Context::after_fork(bool in_child) {
  Executor::get().after_fork(in_child);
  Registry& all = registry();
  for (Context* context = all.first; context; context = context->next_) {
    context->idle_mutex_.unlock();
    context->turn.after_fork(in_child);
  }
  all.mutex.unlock();
}

void Context::enlist() {
  static const int failed =
      pthread_atfork(before_fork, [] { after_fork(false); }, [] { after_fork(true); });
  if (failed) throw std::bad_alloc();
  Registry& all = registry();
  std::lock_guard lock(all.mutex);
  next_ = all.first;
  if (next_) next_->previous_ = this;
  all.first = this;
}

hal::Ref<Context> Context::create(hal::Ref<Module> module,
                                  std::vector<hal::Ref<iree_hal_device_t>> devices, Limits limits,
                                  const std::function<void(Invocation&)>& run) {
  auto context = hal::Ref<Context>::adopt(new Context());
  context->enlist();
  context->module = std::move(module);
  context->devices = std::move(devices);
  context->limits = limits;
  context->idle_.reserve(kMaxIdle);  // so that `recycle` needs no memory
  resolve_imports(*context.get());
  const Module& m = *context->module.get();
  context->refs.resize(m.globals.size());
  for (const Global& g : m.globals) context->values.push_back({.u64 = g.initial});
  context->rodata.reserve(m.rodata.size());
  for (const Rodata& segment : m.rodata) {
    context->rodata.push_back(Ref::adopt(RefType::kBuffer, ByteBuffer::make(m, segment)));
  }
  if (m.initializer != kNone) {
    hal::Ref<Invocation> invocation = context->acquire();
    invocation->begin(m.functions[m.initializer]);
    run(*invocation.get());
    if (invocation->failed()) throw to_error(invocation->failure);
    context->recycle(std::move(invocation));
  }
  return context;
}

void Context::run_to_end(Invocation& invocation) {
  invocation.run_blocking([](void*) { return true; }, nullptr);
}

Context::~Context() {
  Registry& all = registry();
  std::lock_guard lock(all.mutex);
  if (all.first == this) all.first = next_;
  if (previous_) previous_->next_ = next_;
  if (next_) next_->previous_ = previous_;
}

hal::Ref<Invocation> Context::acquire() {
  {
    std::lock_guard lock(idle_mutex_);
    if (!idle_.empty()) {
      hal::Ref<Invocation> invocation = std::move(idle_.back());
      idle_.pop_back();
      return invocation;
    }
  }
  return hal::Ref<Invocation>::adopt(new Invocation(*this, limits));
}

hal::Ref<iree_hal_fence_t> Context::acquire_signal(Invocation& invocation) {
  if (devices.empty()) {
    throw hal::Error(hal::make_status(IREE_HAL_FAILED_PRECONDITION,
                                      "this export needs a device: load with device=…"));
  }
  if (module->stateful || !invocation.timeline) {
    iree_hal_device_t* device = devices[0].get();
    hal::check(device->vtable->create_semaphore(device, 0, invocation.timeline.out()));
    invocation.timeline_value = 0;
  }
  iree_hal_timepoint_t point{invocation.timeline.get(), ++invocation.timeline_value};
  hal::Ref<iree_hal_fence_t> fence;
  hal::check(hal::make_fence({&point, 1}, fence.out()));
  return fence;
}

void Context::fail_signal(Invocation& invocation, iree_hal_fence_t* signal) {
  if (!(module->stateful && invocation.returned)) {
    hal::fail(hal::timepoints(signal),
              hal::make_status(invocation.failure.code, "%s", invocation.failure.message.c_str()));
  }
  invocation.timeline.reset();
}

void Context::recycle(hal::Ref<Invocation> invocation) noexcept {
  invocation->reset();
  invocation->limits = limits;
  invocation->deadline_ns = IREE_HAL_INFINITE;
  std::lock_guard lock(idle_mutex_);
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(invocation));
}

}  // namespace iree::vm
