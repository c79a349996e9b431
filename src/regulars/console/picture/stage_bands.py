"""Moves between stages as bands between two columns, in proportion.

Drawn on the server as SVG with classes, since the console allows no inline styles.
"""

from collections.abc import Sequence
from dataclasses import dataclass

GAP, LEAST = 10.0, 2.0


@dataclass(frozen=True, slots=True)
class Band:
    """Customers who went from one stage to another, as a band between two columns."""

    start: str
    end: str
    customers: int
    path: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A stage's part of a column."""

    stage: str
    customers: int
    x: float
    y: float
    height: float


def bands(
    moves: Sequence[tuple[str, str, int]], order: Sequence[str], *, width: float, height: float, bar: float = 10
) -> tuple[list[Bar], list[Band]]:
    """Columns of where people came from and went to, and the bands between them.

    Args:
        moves: (from, to, customers), each pair once. order: Stages from top to bottom.
    """
    left = {stage: sum(n for a, _, n in moves if a == stage) for stage in order}
    right = {stage: sum(n for _, b, n in moves if b == stage) for stage in order}
    rows = max(sum(1 for n in column.values() if n) for column in (left, right)) if moves else 1
    scale = (height - GAP * (rows - 1)) / max(1, sum(left.values()))
    bars: list[Bar] = []
    tops: list[dict[str, float]] = []
    for column, x in ((left, 0.0), (right, width - bar)):
        y, top = 0.0, {}
        for stage in order:
            if column[stage]:
                top[stage] = y
                bars.append(Bar(stage, column[stage], x, round(y, 1), round(max(LEAST, column[stage] * scale), 1)))
                y += column[stage] * scale + GAP
        tops.append(top)
    rank = {stage: place for place, stage in enumerate(order)}
    out: list[Band] = []
    for a, b, n in sorted(moves, key=lambda move: (rank[move[0]], rank[move[1]])):
        y1, y2, thick = tops[0][a], tops[1][b], n * scale
        tops[0][a], tops[1][b] = y1 + thick, y2 + thick
        x1, x2, middle = bar, width - bar, width / 2
        out.append(
            Band(
                a, b, n,
                f"M{x1} {y1:.1f}C{middle} {y1:.1f} {middle} {y2:.1f} {x2} {y2:.1f}V{y2 + thick:.1f}"
                f"C{middle} {y2 + thick:.1f} {middle} {y1 + thick:.1f} {x1} {y1 + thick:.1f}Z",
            )
        )  # fmt: skip
    return bars, out
