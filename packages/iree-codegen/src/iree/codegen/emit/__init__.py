"""The vm phase to a module file: register allocation, bytecode, read-only data, manifest."""

from iree.codegen.emit.module import emit_module

__all__ = ["emit_module"]
