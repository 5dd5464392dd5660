iree.hal._native.api:
    api: object

iree.hal._native.DeviceArray.numpy:
    \from numpy.typing import NDArray
    def numpy(self) -> NDArray[Any]:
        \doc

iree.hal._native.DeviceArray.__array__:
    \from numpy.typing import NDArray
    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]: ...

iree.hal._native.(Mapping|DeviceArray).__suffix__:
    def __buffer__(self, flags: int, /) -> memoryview: ...

iree.hal._native.DeviceArray.__(eq|ne)__:
    def __\1__(self, other: object, /) -> Any: ...

iree.hal._native.DeviceArray.__hash__:
    \from typing import ClassVar
    __hash__: ClassVar[None]  # type: ignore[assignment]
