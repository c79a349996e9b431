"""RFM scores as three little bars: in lists, and on a customer's page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCORES: tuple[tuple[str, str], ...] = (
    ("R", "recency_score"), ("F", "frequency_score"), ("M", "monetary_score"),
)  # fmt: skip
STEP, FULL = 11, 18


@dataclass(frozen=True, slots=True)
class Score:
    """One of the three, 1 to 5, and where its bar stands in the picture of 31 × 18."""

    letter: str
    score: int
    x: int
    y: float
    height: float


def scores_of(row: Mapping[str, Any]) -> list[Score]:
    """The scores in a row of the picture; none for who never bought."""
    told = [(letter, int(row[column])) for letter, column in SCORES if row.get(column) is not None]
    if len(told) < len(SCORES):
        return []
    return [
        Score(letter, score, STEP * place, round(FULL - FULL * score / 5, 1), round(FULL * score / 5, 1))
        for place, (letter, score) in enumerate(told)
    ]
