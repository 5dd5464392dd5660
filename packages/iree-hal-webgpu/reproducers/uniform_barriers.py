"""A barrier behind a condition that was read from storage is refused, though a workgroup of one thread cannot disagree;
behind one that was read from a uniform buffer it is taken.
"""

from dawn import Dawn, first_line, report
from spirv_builder import Kernel

dawn, errors = Dawn(), []
for uniform in (False, True):
    k = Kernel("d0", 1, 1)
    value = k.constant(0) if uniform else k.load(0, k.word(0))
    condition = k.op(171, k.type_of(20), value, k.word(0))  # OpINotEqual
    scope, semantics, inside, after = k.word(2), k.word(0x108), k.new(), k.new()
    k.code += [
        3 << 16 | 247,
        after,
        0,
        4 << 16 | 250,
        condition,
        inside,
        after,
    ]  # OpSelectionMerge, OpBranchConditional
    k.code += [2 << 16 | 248, inside, 4 << 16 | 224, scope, scope, semantics]  # OpLabel, OpControlBarrier
    k.code += [2 << 16 | 249, after, 2 << 16 | 248, after]  # OpBranch, OpLabel
    errors.append(dawn.module_error(k.module()))
storage, constant = map(first_line, errors)
report(bool(errors[0] and not errors[1]), f"from storage: {storage}", f"from a uniform buffer: {constant}")
