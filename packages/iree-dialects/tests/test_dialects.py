from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from iree.dialects import definition, flow, hal, vm
from iree.dialects.mlir import CompileError, make_context, parse_module
from iree.dialects.passes import bytecode
from iree.dialects.phases import DEFINITIONS, check

VALID = """
"vm.module"() ({
  "vm.func"() ({
  ^bb0(%a: i32, %b: !hal.buffer):
    "vm.cond_br"(%a, %a, %b)[^bb1, ^bb2] {target_operands = array<i32: 1, 1>} : (i32, i32, !hal.buffer) -> ()
  ^bb1(%c: i32):
    %d = "vm.add_i32"(%c, %c) : (i32, i32) -> i32
    "vm.return"(%d) : (i32) -> ()
  ^bb2(%e: !hal.buffer):
    "vm.return"(%a) : (i32) -> ()
  }) {sym_name = "f", function_type = (i32, !hal.buffer) -> i32} : () -> ()
}) {sym_name = "m"} : () -> ()
"""


def verify(text: str) -> None:
    check(parse_module(text, make_context()))


def test_valid_text_and_bytecode_round_trip() -> None:
    context = make_context()
    module = parse_module(VALID, context)
    check(module)
    assert str(parse_module(str(module), context)) == str(module)
    assert str(parse_module(bytecode(module), context)) == str(module)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("vm.add_i32", "vm.add_i33", "'vm.add_i33' is not a known operation"),
        ('"vm.add_i32"(%c, %c) : (i32, i32)', '"vm.add_i32"(%c) : (i32)', r"operands of types \(i\), not \(ii\)"),
        ("array<i32: 1, 1>", "array<i32: 2, 0>", "target_operands that do not match"),
        ("{target_operands = array<i32: 1, 1>}", "", "needs an attribute 'target_operands'"),
        ("^bb2(%e: !hal.buffer)", "^bb2(%e: i32)", "do not match the arguments of its blocks"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(old: str, new: str, message: str) -> None:
    with pytest.raises(CompileError, match=message) as caught:
        verify(VALID.replace(old, new))
    assert caught.value.location.startswith("-:")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'func.func @f(%a: tensor<4xf32>) { "flow.dispatch"(%a) {callee = @k, tied = array<i64: 0>} '
            ": (tensor<4xf32>) -> () return }",
            "0 results but 1 entries",
        ),
        (
            'func.func @f(%a: tensor<4xf32>) { %0 = "flow.dispatch"(%a) {callee = @k, tied = array<i64: 0>} '
            ": (tensor<4xf32>) -> tensor<3xf32> return }",
            "not of its type",
        ),
        ('"flow.executable"() ({ ^bb0: }) {sym_name = "a"} : () -> ()', "other than one builtin.module"),
        (
            'func.func @f(%a: !hal.buffer, %b: i64) { "hal.fence_join"(%a, %b) {groups = array<i32: 2>} '
            ": (!hal.buffer, i64) -> !hal.fence return }",
            "has operands rI, not rr",
        ),
    ],
)
def test_dispatches_executables_and_groups(text: str, message: str) -> None:
    with pytest.raises(CompileError, match=message):
        verify(text)


def test_every_import_has_an_operation() -> None:
    for name, signature in hal.SIGNATURES.items():
        assert hal.DEFINITIONS[hal.operation_name(name)].results == signature.results


def test_documentation_names_every_operation() -> None:
    for dialect in (flow, hal, vm):
        page = definition.documentation("x", dialect.DEFINITIONS.values())
        assert all(f"## `{name}`" in page for name in dialect.DEFINITIONS)
    assert len(DEFINITIONS) == sum(len(d.DEFINITIONS) for d in (flow, hal, vm))


def test_the_reference_page_is_current() -> None:
    root = Path(__file__).parents[3]
    script = root / "packages/iree-dialects/scripts/write_dialect_docs.py"
    spec = importlib.util.spec_from_file_location("write_dialect_docs", script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (root / "docs/dialects.md").read_text() == module.page(), f"run {script} docs/dialects.md"
