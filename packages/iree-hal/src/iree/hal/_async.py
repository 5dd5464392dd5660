"""Fences in asyncio: completions wake the loop through an eventfd, so that no device thread ever waits for the GIL."""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

from ._native import CompletionQueue, DeviceArray, Fence


class _Watcher:
    """The futures of one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._queue = CompletionQueue()
        # A fence stays alive while somebody waits for it.
        self._pending: dict[int, tuple[asyncio.Future[None], Fence]] = {}
        self._next_token = 0
        loop.add_reader(self._queue, self._on_readable)

    def watch(self, loop: asyncio.AbstractEventLoop, fence: Fence) -> asyncio.Future[None]:
        token = self._next_token
        self._next_token += 1
        future: asyncio.Future[None] = loop.create_future()
        self._pending[token] = (future, fence)
        try:
            self._queue.watch(fence, token)
        except BaseException:
            del self._pending[token]
            raise
        return future

    def _on_readable(self) -> None:
        for token, error in self._queue.drain():
            future, _ = self._pending.pop(token)
            if future.done():  # cancelled
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)


_watchers: WeakKeyDictionary[asyncio.AbstractEventLoop, _Watcher] = WeakKeyDictionary()


async def wait(fence: Fence) -> None:
    """Returns once the fence is reached; raises its failure."""
    if fence.reached:
        return
    loop = asyncio.get_running_loop()
    watcher = _watchers.get(loop)
    if watcher is None:
        watcher = _watchers[loop] = _Watcher(loop)
    await watcher.watch(loop, fence)


async def when_ready(array: DeviceArray) -> DeviceArray:
    """The array itself, once its contents are there."""
    ready: Any = array.ready
    if ready is not None:
        await wait(ready)
    return array
