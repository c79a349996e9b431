"""The liability as a file: the same months as the page, and the export is recorded."""

import csv
from pathlib import Path

import pytest

from regulars.flows.export_liability import export_liability
from regulars.loyalty.rules import ItemKind
from regulars.staff.queries import audit_trail
from regulars.staff.rules import SYSTEM
from tests.flows.world import World, order, when

pytestmark = pytest.mark.django_db


def test_each_month_is_a_line_and_the_export_is_recorded(tmp_path: Path) -> None:
    books = World(now="2024-04-20 10:00")
    books.tell(order("A", "anna", when("2024-03-10 10:00"), 1000_00))
    books.command(ItemKind.REDEEM, "anna", 400, "k")
    file = tmp_path / "liability.csv"
    assert export_liability(what="liability", file=file, actor=SYSTEM, at=books.now) == 2
    march, april = csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())
    assert (march["month"], march["earned"], march["closing"], march["sales_minor"]) == (
        "2024-03-01", "1000", "1000", "100000",
    )  # fmt: skip
    assert (april["opening"], april["used"], april["closing"]) == ("1000", "400", "600")
    # 100,000 × 1,000 / 101,000 is put aside; four tenths of it became revenue.
    assert (march["deferred_minor"], april["recognised_minor"], april["liability_minor"]) == ("990", "396", "594")
    assert audit_trail(limit=1)[0].subject_kind == "liability"
