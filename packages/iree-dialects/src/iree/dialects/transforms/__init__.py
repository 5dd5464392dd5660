"""One pass per file; a pass is a frozen dataclass whose fields are its options."""

PASSES: dict[str, str] = {
    name: f"iree.dialects.transforms.{name.replace('-', '_')}:{''.join(map(str.capitalize, name.split('-')))}"
    for name in (
        "branch-on-tensors",
        "convert-to-hal",
        "convert-to-vm",
        "deduplicate-executables",
        "fold-transposes",
        "fold-unit-dims",
        "form-dispatches",
        "fuse-elementwise",
        "hoist-constants",
        "hoist-products",
        "input-to-linalg",
        "loop-sizes",
        "pack-constants",
        "sink-reshapes",
        "tie-operands",
        "transpose-filters",
        "unroll-loops",
    )
}
"""The passes of this package: name -> ``module:Class``. A pass `do-it` is the class `DoIt` of `do_it.py`."""
