"""Exports as Python functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from iree.vm import _native
from iree.vm.errors import Error, InputCountError, InputShapeError, InputTypeError, from_status, raise_input_error
from iree.vm.structure import Parameters, Tree, describe, leaves, tensor_type, unflatten

ONE, TUPLE, STRUCTURE = range(3)  # the Packing of python_function.cc


class ArrayFunction:
    """What a native `Function` asks for when a call is not flat arrays in, flat arrays out; also its attributes.

    Attributes:
        name: Of the export.
        parameters: The inputs as the manifest has them; None if it has none.
        outputs: The structure of the results; None if the manifest has none.
        native: The callable itself.
    """

    def __init__(
        self,
        context: Any,
        name: str,
        *,
        input_count: int,
        output_count: int,
        entry: Mapping[str, Any] | None,
        timeout: Any,
    ) -> None:
        self.name = self.__name__ = name
        self.input_count, self.output_count = input_count, output_count
        self.parameters: Parameters | None = None
        self.outputs: Tree | None = None
        inputs: list[tuple[str, Sequence[int | None]] | None] = [None] * input_count
        if entry is not None:
            inputs_ = entry["inputs"]
            self.parameters = Parameters(inputs_.get("args", ()), inputs_.get("kwargs", {}), inputs_.get("names", ()))
            self.outputs = entry["outputs"]
            if len(self.parameters.tensors) != input_count:
                raise Error(f"{name}: the manifest has {len(self.parameters.tensors)} inputs, the export {input_count}")
            beyond = [leaf["tensor"] for _, leaf in leaves(self.outputs) if not 0 <= leaf["tensor"] < output_count]
            if beyond:
                raise Error(f"{name}: the manifest has an output {beyond[0]}, the export {output_count} results")
            for i, tensor in self.parameters.tensors.items():
                inputs[i] = None if tensor["shape"] is None else (tensor["dtype"], tensor["shape"])
        flat = self.parameters is None or self.parameters.flat
        self.native: Any = _native.Function(
            context, name, inputs, flat, self._packing(output_count), self, None if timeout is None else float(timeout)
        )

    def _packing(self, count: int) -> int:
        if self.outputs is None:
            return ONE if count == 1 else TUPLE
        if self.outputs.get("tensor") == 0 and count == 1:
            return ONE
        if [part.get("tensor") for part in self.outputs.get("tuple", ({},))] == list(range(count)):
            return TUPLE
        return STRUCTURE

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        return f"{self!r}: an export of a compiled module."

    @property
    def __signature__(self) -> Any:
        """What `inspect.signature` and editors show: names, defaults, and types as ``tensor<?x4xf32>``."""
        if self.parameters is None:
            return None
        import inspect  # noqa: PLC0415  # takes longer to import than all of this package, and calls do not need it

        returns = "…" if self.outputs is None else describe(self.outputs)
        return inspect.Signature(self.parameters.signature(inspect.Parameter), return_annotation=returns)

    def __repr__(self) -> str:
        takes = "…" if self.parameters is None else self.parameters.describe()
        gives = "…" if self.outputs is None else describe(self.outputs)
        return f"<iree.vm function {self.name}({takes}) -> {gives}>"

    def bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
        """Return the flat inputs of a call."""
        if self.parameters is not None:
            return self.parameters.bind(self.name, args, kwargs)
        if kwargs:
            raise_input_error(InputCountError(f"{self.name} takes no named inputs, given {', '.join(kwargs)}"))
        return list(args)

    def pack(self, results: tuple[Any, ...]) -> Any:
        """Return flat results in their structure."""
        assert self.outputs is not None
        return unflatten(self.outputs, results)

    def call(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> Any:
        """Call with a limit of `timeout` seconds; raises `DeadlineError` when it has passed."""
        return self.native.invoke(self.bind(args, kwargs), timeout)

    def submit(self, *args: Any, wait: Any = None, signal: Any = None, **kwargs: Any) -> Any:
        """Call without waiting for the device: the arrays returned become valid when their `ready` fence is reached.

        They can be passed on at once; what reads them waits. Arrays given must not be written until then. The device
        starts once `wait`, an `iree.hal.Fence` or None, is reached, and signals `signal`, likewise, at the end;
        without one a fence of its own. What the call raises once it runs, `signal` fails with too.
        """
        return self.native.submit_leaves(self.bind(args, kwargs), wait, signal)

    async def call_async(self, *args: Any, **kwargs: Any) -> Any:
        """Call without blocking the event loop; cancelling the task cancels the call."""
        import asyncio  # noqa: PLC0415  # has been imported by whoever runs a loop

        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()

        def settle(result: Any, error: BaseException | None) -> None:
            if future.done():
                return
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

        def done(result: Any, error: BaseException | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, result, error)

        task = self.native.start(self.bind(args, kwargs), done)
        try:
            return await future
        except asyncio.CancelledError:
            task.cancel()
            raise

    # Called by native code; each raises.

    def wrong_count(self, given: int) -> NoReturn:
        """The number of flat inputs is not that of the export."""
        takes = f"{self.input_count} inputs"
        if self.parameters is not None:
            takes += f" ({self.parameters.describe()})"
        raise_input_error(InputCountError(f"{self.name} takes {takes}, {given} given"))

    def _input(self, index: int) -> str:
        return f"#{index}" if self.parameters is None else self.parameters.paths[index]

    def _expected(self, index: int) -> str:
        return "an array" if self.parameters is None else describe(self.parameters.tensors[index])

    def refuse(self, index: int, value: object, cause: BaseException | None) -> NoReturn:
        """What was given for an input cannot become an array on the device."""
        from iree.hal import HalError  # noqa: PLC0415  # whoever gives arrays has loaded it

        if cause is not None and not isinstance(cause, Exception):
            raise cause  # Ctrl-C while the object made its array
        where = f"{self.name}: input {self._input(index)}"
        if isinstance(cause, HalError | MemoryError):  # no fault of the input's
            raise from_status(getattr(cause, "code", 8), f"{where}: {cause}", "", "") from cause
        text = f"{where}: expected {self._expected(index)}, given a {type(value).__name__}"
        raise_input_error(InputTypeError(f"{text}: {cause}" if cause else text), cause)

    def mismatch(self, index: int, dtype: str, shape: Sequence[int]) -> NoReturn:
        """An input has another element type or shape than the manifest says."""
        assert self.parameters is not None
        expected = self.parameters.tensors[index]
        text = (
            f"{self.name}: input {self._input(index)}: expected {describe(expected)}, given {tensor_type(dtype, shape)}"
        )
        raise_input_error(InputTypeError(text) if dtype != expected["dtype"] else InputShapeError(text))


class PlainFunction:
    """An export of numbers, arrays, fences and devices, called as the module has it.

    Returns None, the result, or a tuple of results.
    """

    def __init__(self, context: Any, name: str, arguments: str, results: str) -> None:
        self._context = context
        self.name = self.__name__ = name
        self.arguments, self.results = arguments, results

    def __repr__(self) -> str:
        return f"<iree.vm plain function {self.name} {self.arguments}:{self.results}>"

    def __call__(self, *args: Any, timeout: float | None = None) -> Any:
        if len(args) != len(self.arguments):
            raise_input_error(
                InputCountError(
                    f"{self.name} takes {len(self.arguments)} arguments ({self.arguments}), {len(args)} given"
                )
            )
        try:
            results = self._context.call(self.name, args, timeout)
        except TypeError as error:
            raise_input_error(InputTypeError(f"{self.name}({self.arguments}): {error}"), error)
        if not results:
            return None
        return results[0] if len(results) == 1 else tuple(results)
