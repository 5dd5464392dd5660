"""Errors of the math functions in units of the last place, against 80-bit or wider references."""

from __future__ import annotations

import math

import numpy as np
import pytest
from harness import compile_text

_TEMPLATE = """
func.func @kernel(%a: tensor<?x{t}>, %n: index, %m: index) -> tensor<?x{t}> {{
  %e = tensor.empty(%m) : tensor<?x{t}>
  %r = linalg.generic {{indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}}
    ins(%a : tensor<?x{t}>) outs(%e : tensor<?x{t}>) {{
  ^bb0(%x: {t}, %o: {t}):
    %y = math.{name} %x : {t}
    linalg.yield %y : {t} }} -> tensor<?x{t}>
  return %r : tensor<?x{t}>
}}
"""
