"""Model cards as a file of their set."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from regulars.insight.compute.cards import Bin, Card, Text, Verdict


def write_cards(file: Path, cards: Sequence[Card]) -> None:
    """Keep cards as JSON; a number that is not finite has no place in it.

    Raises:
        ValueError: A card holds nan or infinity.
    """
    told = [asdict(card) for card in cards]
    file.write_text(json.dumps(told, ensure_ascii=False, indent=1, default=plain_json, allow_nan=False))


def read_cards(file: Path) -> list[Card]:
    """The cards of `write_cards`; none if there is no such file."""
    return [_card(told) for told in json.loads(file.read_text())] if file.exists() else []


def read_verdict(told: dict[str, Any]) -> Verdict:
    """The verdict that became this JSON object."""
    return Verdict(**{**told, "words": Text(*told["words"])})


def plain_json(value: object) -> object:
    """What JSON has for a date or one of numpy's own numbers, for `json.dumps(default=…)`."""
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{type(value).__name__} has no JSON form.")


def _card(told: dict[str, Any]) -> Card:
    return Card(
        **{
            **told,
            "first_day": date.fromisoformat(told["first_day"]) if told["first_day"] else None,
            "last_day": date.fromisoformat(told["last_day"]),
            "verdict": read_verdict(told["verdict"]),
            "calibration": tuple(Bin(**one) for one in told["calibration"]),
            "tracking": tuple((int(a), float(b), float(c)) for a, b, c in told["tracking"]),
        }
    )
