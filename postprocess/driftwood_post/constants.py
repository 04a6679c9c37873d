# SPDX-License-Identifier: BSD-3-Clause
"""The value of a formula of a deck that is a constant, in the grammar of `docs/formulas.md`."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Mapping

MOST_CHARACTERS = 400

_BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: math.pow,
}
_FUNCTIONS = {
    name: getattr(math, name)
    for name in ("sqrt", "exp", "log", "log1p", "expm1", "sin", "cos", "tan", "sinh", "cosh")
} | {"tanh": math.tanh, "atan": math.atan, "abs": abs, "min": min, "max": max, "pow": math.pow}


def constant(formula: object, parameters: Mapping[str, float]) -> float:
    """The value of `formula` in numbers, `pi` and `parameters`; ValueError or ArithmeticError where
    it holds anything else, such as a component, or has no finite value."""
    if not isinstance(formula, str) or len(formula) > MOST_CHARACTERS:
        raise ValueError("not a formula")
    try:
        tree = ast.parse(formula.strip().replace("^", "**"), mode="eval")
    except SyntaxError as error:
        raise ValueError("not a formula") from error
    result = _value(tree.body, {"pi": math.pi, **parameters})
    if not math.isfinite(result):
        raise ValueError("not finite")
    return result


def _value(node: ast.expr, names: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return float(value)
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            value = _value(operand, names)
            return -value if isinstance(sign, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return float(_BINARY[type(op)](_value(left, names), _value(right, names)))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            try:
                return float(_FUNCTIONS[name](*(_value(a, names) for a in args)))
            except TypeError as error:
                raise ValueError("not that many arguments") from error
    raise ValueError("not a constant")
