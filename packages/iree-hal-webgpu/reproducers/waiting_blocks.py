"""wgpuInstanceWaitAny keeps the device's lock while it waits: other threads' calls on that device end only after it.

With ImplicitDeviceSynchronization, which is what makes calls from several threads legal.
"""

import threading

from dawn import Dawn, report, utils, webgpu

SHADER = """
@group(0) @binding(0) var<storage, read_write> a : array<u32>;
@compute @workgroup_size(1) fn main() {
  var x = a[0];
  for (var i = 0u; i < 60000u; i++) { x = x * 1664525u + 1013904223u; a[x & 63u] = x; }
}
"""
dawn = Dawn("ImplicitDeviceSynchronization")
callback = webgpu.WGPUQueueWorkDoneCallback2(lambda status, a, b: None)


def attempt() -> bool:
    """Whether a buffer is made only once another thread's wait has ended."""
    dawn.dispatch([webgpu.WGPUBufferBindingType_Storage], [(dawn.buffer(256), 0, 256)], SHADER, 6000)
    info = webgpu.WGPUQueueWorkDoneCallbackInfo2()
    info.mode, info.callback = webgpu.WGPUCallbackMode_WaitAnyOnly, callback
    future = webgpu.wgpuQueueOnSubmittedWorkDone2(webgpu.wgpuDeviceGetQueue(dawn.device), info)
    ended = threading.Event()
    thread = threading.Thread(target=lambda: (utils.wait(future), ended.set()))
    thread.start()
    under_way = not ended.wait(0.2)  # by then it is inside of Dawn
    dawn.buffer(256)
    blocked = under_way and ended.wait(0.05)
    thread.join()
    return blocked


blocked = any(attempt() for _ in range(5))  # a busy machine may start the thread late
report(blocked, f"a buffer made while another thread waits for work: {'only after that' if blocked else 'at once'}")
