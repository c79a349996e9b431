"""A room's SQL names its own tables: the linter sees imports, and a statement is only a text."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "regulars"
ROOMS = {path.parent.name for path in SOURCE.glob("*/models.py")} | {
    path.parent.parent.name for path in SOURCE.glob("*/models/__init__.py")
}
NAMED = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO|TABLE|ONLY)\s+([a-z]+)_[a-z]+\b")

FOR_ALL = {"catalogue", "customers"}
"""Rooms whose tables those above may join: who stands for whom, and what a store is called, in one statement."""

EXCEPTIONS = {
    ("config/commands/backup.py", "changes"): "a restore begins a new epoch of both feeds in one transaction",
    ("config/commands/backup.py", "facts"): "says of a backup how far the facts go, before there are rooms to ask",
    ("loyalty/coupons/queries.py", "facts"): "the name of the system that numbered an order",
    ("loyalty/membership.py", "facts"): "the list of members, filtered and sorted by what they did, in one statement",
    ("loyalty/membership.py", "ledger"): "the list of members, filtered and sorted by what they have",
    ("outreach/past/actions.py", "facts"): "what another system's redemptions bought, matched for all at once",
    ("playbooks/returns.py", "facts"): "who came back after a task, for everybody who waits, in one statement",
}
"""(file, room): why its SQL reads that room's tables all the same. None may be added without a better reason."""


def test_there_are_rooms_with_tables() -> None:
    assert {"customers", "facts", "loyalty", "outreach", "staff"} <= ROOMS


def test_sql_names_only_tables_of_its_own_room() -> None:
    strangers = {found for found in _strangers() if found not in EXCEPTIONS}
    assert strangers == set(), "ask the room for it: give it a query that takes and returns many at once"


def test_every_exception_is_still_one() -> None:
    assert set(EXCEPTIONS) - set(_strangers()) == set()


def test_a_stranger_would_be_seen() -> None:
    assert list(_rooms_in('f"""SELECT 1 FROM {x} JOIN facts_fact f ON true"""')) == ["facts"]
    assert list(_rooms_in('"UPDATE loyalty_coupon SET x = 1"')) == ["loyalty"]


def _strangers() -> Iterator[tuple[str, str]]:
    for path in SOURCE.rglob("*.py"):
        place = path.relative_to(SOURCE)
        if "migrations" in place.parts:
            continue
        for room in _rooms_in(path.read_text()):
            if room != place.parts[0] and room not in FOR_ALL:
                yield place.as_posix(), room


def _rooms_in(source: str) -> Iterator[str]:
    """The rooms whose tables the texts of a module name in statements."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (room for room in NAMED.findall(node.value) if room in ROOMS)
