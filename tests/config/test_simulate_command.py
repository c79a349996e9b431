"""`regulars simulate`: only what differs is in the file; tables for people, everything for programs."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from regulars.config.cli import app
from tests.flows.world import World, order, when

pytestmark = pytest.mark.django_db(transaction=True)


def simulate(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["simulate", *map(str, arguments)])


def test_a_draft_is_replayed_beside_the_live_programme(tmp_path: Path) -> None:
    books = World()
    books.tell(order("A", "anna", when("2026-03-01 10:00"), 900_00), order("B", "bo", when("2026-03-01 10:00"), 50))
    draft, members = tmp_path / "draft.json", tmp_path / "members.csv"
    draft.write_text('{"minor_per_point": 50}')
    told = json.loads(simulate(draft, "--whole", "--json").stdout)
    assert (told["today"]["earned"], told["draft"]["earned"], told["gaining"]) == (900, 1801, 2)
    assert (told["thousand_cost"], told["since"]) == (10_00, None), "by the live terms"
    assert json.loads(simulate(draft, "--from", "2026-03-02", "--json").stdout)["gaining"] == 0
    shown = simulate(draft, "--whole", "--members", members)
    assert shown.exit_code == 0
    assert "2 members would gain, 0 lose, 0 have the same." in shown.stdout
    assert "1,801" in shown.stdout
    assert len(members.read_text().splitlines()) == 3
    budget = {"period": "budget", "most": 70}
    rule = {"code": "double", "then": {"kind": "multiply", "percent": 200}, "limits": [budget]}
    draft.write_text(json.dumps({"rules": [rule]}))
    table = simulate(draft, "--whole").stdout.partition("budget of the draft")[2]
    assert table.partition("double")[2].split()[1:6:2] == ["70", "70", "2026-03-01"]


@pytest.mark.parametrize(
    ("text", "code"), [("[]", "unreadable_terms"), ("{", "unreadable_terms"), ('{"tiers": []}', "invalid_policy")]
)
def test_a_draft_that_makes_no_sense_is_refused(tmp_path: Path, text: str, code: str) -> None:
    World()
    draft = tmp_path / "draft.json"
    draft.write_text(text)
    done = simulate(draft, "--json")
    assert (done.exit_code, json.loads(done.stdout)["error"]) == (1, code)
