// Dawn's devices are not safe for use by several threads: each has a gate, which whoever calls Dawn
// about the device goes through. A thread that only watches for completion gives way to the others.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>

namespace iree::hal_webgpu {

class Gate {
 public:
  void lock() {
    waiting_.fetch_add(1, std::memory_order_relaxed);
    mutex_.lock();
    waiting_.fetch_sub(1, std::memory_order_relaxed);
  }
  void unlock() { mutex_.unlock(); }
  // For a thread that holds the gate again and again, for long.
  void lock_last() {
    while (waiting_.load(std::memory_order_relaxed)) {
      std::this_thread::sleep_for(std::chrono::microseconds(10));
    }
    mutex_.lock();
  }

 private:
  std::mutex mutex_;
  std::atomic<int> waiting_{0};
};

}  // namespace iree::hal_webgpu
