"""A spreadsheet in small: named rows with formulas that refer to rows above, in the words of Excel and LibreOffice.

Each value is computed from its formula, not from the program that made the report, so that the sheet checks the report.
Functions that differ between programs or between versions are left out: t has no own function here, since Excel drops
the decimals of its degrees of freedom; BETADIST does it.
"""

import ast
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Final

from scipy import special

from regulars.core.bilingual import Text

_NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+")
_OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.USub: operator.neg, ast.UAdd: operator.pos,
}  # fmt: skip
_FUNCTIONS: Final[dict[str, Callable[..., float]]] = {
    "MAX": max,
    "MIN": min,
    "ABS": abs,
    "SQRT": sqrt,
    "EXP": exp,
    "LN": log,
    "SIGN": lambda x: float((x > 0) - (x < 0)),
    "NORMSINV": lambda x: float(special.ndtri(x)),
    "NORMSDIST": lambda x: float(special.ndtr(x)),
    "BETADIST": lambda x, a, b: float(special.betainc(a, b, x)),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One step: what it is, how it is computed ('' where it is given), and what comes out. Names have a dot in them."""

    name: str
    label: Text
    formula: str
    value: float


class Sheet:
    """Rows in the order in which they were added."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._values: dict[str, float] = {}

    def given(self, name: str, label: Text, value: float) -> float:
        """A number that is told, not computed."""
        return self._put(Row(name, label, "", value))

    def computed(self, name: str, label: Text, formula: str) -> float:
        """A number that follows from rows above."""
        return self._put(Row(name, label, formula, evaluate(formula, self._values)))

    def value(self, name: str) -> float:
        """Of a row."""
        return self._values[name]

    def peek(self, formula: str) -> float:
        """What a formula would come to, without a row."""
        return evaluate(formula, self._values)

    def _put(self, row: Row) -> float:
        self.rows.append(row)
        self._values[row.name] = row.value
        return row.value


def evaluate(formula: str, values: dict[str, float]) -> float:
    """What a formula comes to.

    Raises:
        KeyError: It refers to a row that is not there.
        ValueError: It holds something that is no arithmetic.
    """
    plain = _NAME.sub(lambda found: found.group().replace(".", "__"), formula).replace("^", "**")
    return _value(ast.parse(plain, mode="eval").body, {name.replace(".", "__"): one for name, one in values.items()})


def as_cells(rows: Sequence[Row], *, column: str, first: int) -> list[str]:
    """Formulas for a real spreadsheet, '=…' with cell references; '' for what is given.

    Args:
        column: Where the values stand, such as 'D'.
        first: Number of the line of the first row.
    """
    places = {row.name: f"{column}{first + number}" for number, row in enumerate(rows)}
    return ["=" + _NAME.sub(lambda found: places[found.group()], row.formula) if row.formula else "" for row in rows]


def _value(node: ast.AST, values: dict[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return values[name]
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](_value(left, values), _value(right, values))
        case ast.UnaryOp(op=op, operand=operand):
            return _OPERATORS[type(op)](_value(operand, values))
        case ast.Call(func=ast.Name(id=name), args=args):
            return float(_FUNCTIONS[name](*(_value(arg, values) for arg in args)))
    raise ValueError(f"{ast.dump(node)} is no arithmetic.")
