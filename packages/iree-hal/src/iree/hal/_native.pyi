"""Devices, buffers and arrays; use them through iree.hal."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Any, ClassVar, NoReturn

import numpy
from numpy.typing import NDArray


ABI_VERSION: int = 1

class Mapping:
    """
    A range of a buffer that the host sees, through the buffer protocol. Unmapped by `close`, at the end of a `with` block, or with its last user.
    """

    def close(self) -> None:
        """Unmaps. BufferError while memoryviews or arrays use it."""

    def __enter__(self) -> Mapping: ...

    def __exit__(self, *args: object) -> None: ...

    def __len__(self) -> int: ...

    def __buffer__(self, flags: int, /) -> memoryview: ...

class Buffer:
    """Memory of one device."""

    @property
    def length(self) -> int:
        """Bytes."""

    @property
    def memory_type(self) -> int:
        """MemoryType bits."""

    @property
    def usage(self) -> int:
        """BufferUsage bits."""

    @property
    def host_pointer(self) -> int:
        """Host address for the buffer's whole life, or 0."""

    @property
    def device(self) -> Device: ...

    def map(self, access: str = 'r', offset: int = 0, length: int = 18446744073709551615) -> Mapping:
        """Maps [offset, offset+length) for access 'r', 'w' or 'rw'."""

    def read(self, offset: int = 0, length: int = ...) -> bytes:
        """A copy of a range, through staging memory if it cannot be mapped."""

    def write(self, data: Any, offset: int = 0) -> None:
        """Copies bytes in at `offset`."""

    def __len__(self) -> int: ...

    def __repr__(self) -> str: ...

class Semaphore:
    """
    A timeline: a 64-bit value that only grows, signalled by a device or the host. Once failed, every use raises the failure.
    """

    @property
    def value(self) -> int:
        """The current value. Raises the failure of a failed semaphore."""

    def signal(self, value: int) -> None:
        """
        Raises the value; InvalidArgumentError if it is not above the current one.
        """

    def fail(self, message: str, code: int = 10) -> None:
        """Fails it for ever; the first failure stays."""

    def wait(self, value: int, timeout: float | None = None) -> None:
        """
        Blocks until `value` is reached. DeadlineExceededError after `timeout` seconds.
        """

    def __eq__(self, other: object, /) -> bool: ...

    def __hash__(self) -> int: ...

class Fence:
    """
    Timepoints that are reached together; awaitable. None or an empty sequence is reached already.
    """

    def __init__(self, timepoints: Fence | Iterable[tuple[Semaphore, int]] | None = None) -> None: ...

    @property
    def timepoints(self) -> list[tuple[Semaphore, int]]: ...

    @property
    def reached(self) -> bool:
        """Whether all are; raises the failure of one that failed."""

    def wait(self, timeout: float | None = None) -> None:
        """
        Blocks until all are reached. DeadlineExceededError after `timeout` seconds.
        """

    def signal(self) -> None:
        """Signals all from the host."""

    def fail(self, message: str, code: int = 10) -> None:
        """Fails every semaphore of it."""

    def __await__(self) -> Generator[Any, None, None]: ...

    def __iree_hal_fence__(self) -> Any:
        """A PyCapsule of the C object, for other extensions."""

    @staticmethod
    def from_capsule(capsule: Any) -> Fence: ...

    def __len__(self) -> int: ...

class CompletionQueue:
    """
    Collects completions from any thread without the GIL; its file descriptor is readable when there are some: what an event loop waits for.
    """

    def __init__(self) -> None: ...

    def fileno(self) -> int:
        """The file descriptor; the queue's own."""

    def watch(self, timepoints: Fence | Iterable[tuple[Semaphore, int]] | None, token: int) -> None:
        """
        Adds `token` once all are reached or one has failed. The caller keeps the semaphores alive: one that goes first completes with CancelledError.
        """

    def drain(self) -> list[tuple[int, Exception | None]]:
        """Takes what has been completed: (token, None or the failure)."""

class Binding:
    """A range of a buffer, or of a slot that is bound at execution."""

    def __init__(self, buffer: Buffer, offset: int = 0, length: int = 18446744073709551615) -> None: ...

    @staticmethod
    def of_slot(index: int, offset: int = 0, length: int = 18446744073709551615) -> Binding:
        """A range of whatever slot `index` is bound to."""

    @property
    def offset(self) -> int: ...

    @property
    def length(self) -> int: ...

class Executable:
    """Device code with one or more entry points."""

    @property
    def entry_count(self) -> int: ...

class CommandBuffer:
    """
    Commands recorded once and executed any number of times. Those between two barriers may run at the same time.
    """

    @property
    def slot_count(self) -> int: ...

    def barrier(self) -> None:
        """Orders all before it before all after it."""

    def fill(self, target: Buffer | Binding, pattern: Any) -> None:
        """Repeats a pattern of 1, 2, 4 or 8 bytes over the target."""

    def copy(self, source: Buffer | Binding, target: Buffer | Binding) -> None:
        """Copies between ranges of one length that do not overlap."""

    def dispatch(self, executable: Executable, ordinal: int, workgroups: Sequence[int], constants: Iterable[int] = (), bindings: Iterable[Buffer | Binding] = ()) -> None:
        """Runs entry `ordinal` over a grid of `workgroups` (x, y, z)."""

    def finalize(self) -> None:
        """Ends recording; only then can it be executed."""

class Driver:
    """A driver's function table, checked."""

    @staticmethod
    def from_capsule(capsule: Any, owner: str) -> Driver:
        """
        IncompatibleError, which names `owner` ("package version"), if it does not fit.
        """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def enumerate(self) -> list[tuple[str, str, str | None]]:
        """(path, name, None or why it is unusable) of each device."""

    def create_device(self, path: str, options: Sequence[tuple[str, str]]) -> Device: ...

def null_driver() -> Any:
    """The capsule of the null driver."""

class Device:
    """An open device. Any method may be called from any thread."""

    def __init__(self, uri: str) -> None:
        """The same as iree.hal.open(uri)."""

    @property
    def uri(self) -> str:
        """What opens it again."""

    @property
    def name(self) -> str:
        """For people."""

    def query(self, key: str) -> int:
        """A named number, such as "concurrency"; NotFoundError for others."""

    def allocate(self, length: int, memory_type: int = 3, usage: int = 7) -> Buffer:
        """
        Memory with undefined contents. ResourceExhaustedError when there is none.
        """

    def import_host(self, data: Any, memory_type: int = ..., usage: int = ...) -> Buffer:
        """
        A buffer over `data`'s own memory, which it keeps alive; constant if `data` is read-only. UnimplementedError if the device cannot.
        """

    def array(self, object: Any, dtype: Any = None, *, copy: bool | None = None) -> DeviceArray:
        """
        A DeviceArray of a NumPy array, anything with the buffer protocol, __dlpack__ or __array__, or nested lists. Dense memory aligned to 16 bytes is shared, unless `copy` is true, and then must not be written while the array is in use; other memory is copied.
        """

    def empty(self, shape: Sequence[int], dtype: Any) -> DeviceArray:
        """A DeviceArray with undefined contents, for queue operations to fill."""

    def create_semaphore(self, initial_value: int = 0) -> Semaphore: ...

    def create_command_buffer(self, slot_count: int = 0) -> CommandBuffer: ...

    def prepare_executable(self, format: str, data: Any) -> Executable:
        """
        Verifies and loads device code. IncompatibleError for another format or machine, DataLossError for malformed bytes.
        """

    def queue_alloca(self, length: int, memory_type: int = ..., usage: int = ..., wait: Fence | Iterable[tuple[Semaphore, int]] | None = None, signal: Fence | Iterable[tuple[Semaphore, int]] | None = None) -> Buffer:
        """A buffer that may be touched once `signal` is reached."""

    def queue_dealloca(self, buffer: Buffer, wait: Fence | Iterable[tuple[Semaphore, int]] | None = None, signal: Fence | Iterable[tuple[Semaphore, int]] | None = None) -> None:
        """Lets the memory be reused once `wait` is reached."""

    def queue_fill(self, target: Buffer | Binding, pattern: Any, wait: Fence | Iterable[tuple[Semaphore, int]] | None = None, signal: Fence | Iterable[tuple[Semaphore, int]] | None = None) -> None:
        """Repeats a pattern of 1, 2, 4 or 8 bytes over the target."""

    def queue_copy(self, source: Buffer | Binding, target: Buffer | Binding, wait: Fence | Iterable[tuple[Semaphore, int]] | None = None, signal: Fence | Iterable[tuple[Semaphore, int]] | None = None) -> None:
        """Copies between ranges of one length that do not overlap."""

    def queue_execute(self, command_buffer: CommandBuffer | None = None, bindings: Iterable[Buffer | Binding] = (), wait: Fence | Iterable[tuple[Semaphore, int]] | None = None, signal: Fence | Iterable[tuple[Semaphore, int]] | None = None) -> None:
        """
        Executes a command buffer with its slots bound; None is a pure barrier.
        """

    def __iree_hal_device__(self) -> Any:
        """A PyCapsule of the C object, for other extensions."""

    @staticmethod
    def from_capsule(capsule: Any) -> Device: ...

    def __eq__(self, other: object, /) -> bool: ...

    def __hash__(self) -> int: ...

    def __repr__(self) -> str: ...

class DeviceArray:
    """
    A dense, row-major, immutable array in the memory of a device. NumPy, DLPack and the buffer protocol read it, without a copy where the host sees that memory; reading waits until the contents are there.
    """

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> numpy.dtype[Any]:
        """
        The numpy.dtype; ImportError for bf16, f8 and sub-byte types without ml_dtypes.
        """

    @property
    def element_type(self) -> str:
        """MLIR's name, such as f32, i1, bf16."""

    @property
    def ndim(self) -> int: ...

    @property
    def size(self) -> int: ...

    @property
    def nbytes(self) -> int: ...

    @property
    def device(self) -> Device: ...

    @property
    def buffer(self) -> Buffer: ...

    @property
    def offset(self) -> int:
        """Of the first element in the buffer, in bytes."""

    @property
    def ready(self) -> Fence | None:
        """The fence after which the contents are there; None if they are."""

    def numpy(self) -> NDArray[Any]:
        """
        A read-only numpy.ndarray of this memory (a copy of it where the host does not see it).
        """

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]: ...

    def __dlpack__(self, *, stream: object = None, max_version: tuple[int, int] | None = None, dl_device: tuple[int, int] | None = None, copy: bool | None = None) -> Any: ...

    def __dlpack_device__(self) -> tuple[int, int]: ...

    @staticmethod
    def from_dlpack(object: Any, device: Device, *, copy: bool | None = None) -> DeviceArray:
        """
        An array of anything with __dlpack__ in host memory, without a copy if that is dense and aligned to 16 bytes (or else copied, unless `copy` is false). BufferError for what it cannot take.
        """

    @staticmethod
    def from_buffer(buffer: Buffer, dtype: Any, shape: Sequence[int], offset: int = 0, ready: Fence | None = None) -> DeviceArray:
        """
        An array over part of a buffer. OutOfRangeError if it reaches past its end.
        """

    @staticmethod
    def from_capsule(capsule: Any, ready: Fence | None = None) -> DeviceArray: ...

    def __iree_hal_buffer_view__(self) -> Any:
        """A PyCapsule of the C object, for other extensions."""

    def item(self, *indices: int) -> Any:
        """The only element, or the one at `indices`, as a Python scalar."""

    def tolist(self) -> Any: ...

    def __getitem__(self, key: Any, /) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...

    def __len__(self) -> int: ...

    def __float__(self) -> float: ...

    def __int__(self) -> int: ...

    def __index__(self) -> int: ...

    def __bool__(self) -> bool: ...

    def __await__(self) -> Generator[Any, None, DeviceArray]: ...

    def __reduce__(self) -> NoReturn: ...

    def __repr__(self) -> str: ...

    def __add__(self, other: Any, /) -> Any: ...

    def __radd__(self, other: Any, /) -> Any: ...

    def __sub__(self, other: Any, /) -> Any: ...

    def __rsub__(self, other: Any, /) -> Any: ...

    def __mul__(self, other: Any, /) -> Any: ...

    def __rmul__(self, other: Any, /) -> Any: ...

    def __truediv__(self, other: Any, /) -> Any: ...

    def __rtruediv__(self, other: Any, /) -> Any: ...

    def __floordiv__(self, other: Any, /) -> Any: ...

    def __rfloordiv__(self, other: Any, /) -> Any: ...

    def __mod__(self, other: Any, /) -> Any: ...

    def __rmod__(self, other: Any, /) -> Any: ...

    def __pow__(self, other: Any, /) -> Any: ...

    def __rpow__(self, other: Any, /) -> Any: ...

    def __matmul__(self, other: Any, /) -> Any: ...

    def __rmatmul__(self, other: Any, /) -> Any: ...

    def __and__(self, other: Any, /) -> Any: ...

    def __rand__(self, other: Any, /) -> Any: ...

    def __or__(self, other: Any, /) -> Any: ...

    def __ror__(self, other: Any, /) -> Any: ...

    def __xor__(self, other: Any, /) -> Any: ...

    def __rxor__(self, other: Any, /) -> Any: ...

    def __eq__(self, other: object, /) -> Any: ...

    def __ne__(self, other: object, /) -> Any: ...

    def __lt__(self, other: Any, /) -> Any: ...

    def __le__(self, other: Any, /) -> Any: ...

    def __gt__(self, other: Any, /) -> Any: ...

    def __ge__(self, other: Any, /) -> Any: ...

    def __neg__(self) -> Any: ...

    def __abs__(self) -> Any: ...

    def __invert__(self) -> Any: ...

    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __buffer__(self, flags: int, /) -> memoryview: ...

api: object
