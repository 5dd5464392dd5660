"""The pass pipelines of the CPU target."""

from __future__ import annotations

from iree.codegen.pipelines import Pipelines

_LLVM = (
    "func.func(arith-emulate-unsupported-floats{{source-types=bf16 target-type=f32}},"
    "arith-expand{{include-bf16=true}},"
    "memref-expand),convert-vector-to-scf{{full-unroll=true}},fold-memref-alias-ops,"
    "expand-strided-metadata,lower-affine,canonicalize,cse,convert-scf-to-cf,"
    "convert-vector-to-llvm{{reassociate-fp-reductions={}}},convert-ub-to-llvm,convert-math-to-funcs,convert-math-to-llvm,convert-complex-to-llvm,"
    "convert-arith-to-llvm,convert-index-to-llvm,finalize-memref-to-llvm,"
    "convert-func-to-llvm{{use-bare-ptr-memref-call-conv=true}},convert-cf-to-llvm,reconcile-unrealized-casts,"
    "canonicalize,cse"
)

_PIPELINES = Pipelines(
    "CPU",
    {
        # Named operations of complex numbers become generic first: their bodies must stay what upstream expects.
        "prepare": "linalg-generalize-named-ops,convert-complex-to-standard,convert-elementwise-to-linalg,"
        "canonicalize,cse",
        "fuse": "linalg-fuse-elementwise-ops,canonicalize,cse",
        "fold": "linalg-fold-unit-extent-dims,canonicalize,cse",
        "clean": "canonicalize,cse",
        "peel": "func.func(scf-for-loop-peeling{skip-partial=false},scf-for-loop-canonicalization),canonicalize,cse,"
        "func.func(scf-for-loop-canonicalization),canonicalize",
        "destinations": "eliminate-empty-tensors",
        "bufferize": "empty-tensor-to-alloc-tensor,"
        "one-shot-bufferize{bufferize-function-boundaries=true function-boundary-type-conversion=identity-layout-map},"
        "canonicalize,cse",
        "loops": "convert-linalg-to-loops,func.func(fold-memref-alias-ops),canonicalize,cse,loop-invariant-code-motion",
        "llvm": _LLVM.format("true"),
        "llvm, in order": _LLVM.format("false"),
    },
)


run = _PIPELINES.run
