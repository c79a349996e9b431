"""A map of groups: rectangles whose areas are in proportion.

Drawn on the server as SVG with classes, since the console allows no inline styles.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of a map, in units of the picture."""

    x: float
    y: float
    width: float
    height: float

    @property
    def is_roomy(self) -> bool:
        """Whether a name and a number fit."""
        return self.width >= 84 and self.height >= 44

    @property
    def is_readable(self) -> bool:
        """Whether at least a number fits."""
        return self.width >= 34 and self.height >= 20


def areas(amounts: Sequence[float], width: float, height: float) -> list[Area]:
    """A rectangle for each amount (largest first, all > 0), as square as rows allow.

    Squarified treemaps: Bruls, Huizing & van Wijk (2000).
    """
    whole = sum(amounts)
    if not whole:
        return []
    scaled = [amount * width * height / whole for amount in amounts]
    out: list[Area] = []
    x = y = 0.0
    while scaled:
        side = min(width, height)
        row = [scaled.pop(0)]
        while scaled and _worst([*row, scaled[0]], side) <= _worst(row, side):
            row.append(scaled.pop(0))
        depth = sum(row) / side
        at = 0.0
        for area in row:
            length = area / depth
            upright = width >= height
            out.append(Area(x, y + at, depth, length) if upright else Area(x + at, y, length, depth))
            at += length
        if width >= height:
            x, width = x + depth, width - depth
        else:
            y, height = y + depth, height - depth
    return out


def _worst(row: Sequence[float], side: float) -> float:
    """The least square rectangle of a row: its longer side over its shorter one."""
    total = sum(row)
    return max(max(side**2 * area / total**2, total**2 / (side**2 * area)) for area in row)
