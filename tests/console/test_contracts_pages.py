"""Contracts on pages: what the list opens with, whom it names, why, and what a shop without contracts sees."""

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from regulars.console.lines import customer_url
from regulars.console.picture.contract_lines import Asked
from regulars.facts import uploads
from regulars.flows.import_orders import post_import
from regulars.flows.settings import programme
from regulars.flows.undo_import import undo_import
from regulars.insight.compute import contract_files
from regulars.insight.compute.card_files import read_cards, write_cards
from regulars.insight.compute.churn import contract_score
from regulars.insight.compute.churn.contract_score import Assessment
from regulars.insight.compute.refresh import Made, Work
from regulars.insight.compute.sets import CARDS, PICTURE, Sets
from regulars.insight.compute.tables import in_memory

from ..flows.world import World, query
from .pictured import CUSTOMERS, DAY, FIRST
from .shop import staff

pytestmark = pytest.mark.django_db
OF_ONE_DAY = "stood on one day"


def rows(count: int) -> list[dict[str, Any]]:
    """Contracts of the pictured guests, told on one day; who pays by month leaves, and the first guest runs two."""
    chance, day = np.random.default_rng(2), date(2026, 2, 1)
    found: list[dict[str, Any]] = []
    for one in range(count):
        monthly = one % 2 == 0
        shared = {"contract": f"s\x1fK{one}", "number": f"K{one}", "identity_id": FIRST + one % CUSTOMERS, "day": day,
                  "occurred_at": datetime(2026, 2, 1), "seen": False, "ends_on": None, "attributes": "{}"}  # fmt: skip
        told = json.dumps({"plan": "month" if monthly else "year"})
        ends = date(2026, 3, 1 + one % 28) if not monthly else None
        found.append(shared | {"event": "updated", "attributes": told, "ends_on": ends})
        if chance.random() < (0.75 if monthly else 0.05):
            found.append(shared | {"event": "ended", "seen": True})
    return found


@pytest.fixture(scope="module")
def assessed() -> Assessment:
    told = rows(600)
    who = [{"identity_id": one, "customer_id": one} for one in range(FIRST, FIRST + CUSTOMERS)]
    return contract_score.assess(in_memory({"contracts": told, "identities": who}), DAY)


def folder_with(assessed: Assessment, pictured: Made, settings: Any, tmp_path: Path) -> Path:
    """The pictured set with these contracts in it."""
    source = Path(settings.LAKE_DIR) / "sets" / pictured.name
    folder = Sets(tmp_path / "sets").folder / pictured.name
    folder.mkdir(parents=True)
    for file in source.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    own = set(assessed.holders.column_names) - {"customer_id"}
    work = Work(in_memory({}), DAY, folder, picture=pq.read_table(source / PICTURE).drop_columns(sorted(own)))
    work.add(assessed.holders)
    pq.write_table(work.picture, folder / PICTURE)
    write_cards(folder / CARDS, [*read_cards(source / CARDS), *assessed.cards])
    contract_files.keep_contracts(assessed, DAY, folder)
    settings.LAKE_DIR = tmp_path
    return folder


@pytest.fixture
def contracts(assessed: Assessment, pictured: Made, settings: Any, tmp_path: Path) -> Path:
    return folder_with(assessed, pictured, settings, tmp_path)


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_a_shop_without_contracts_has_no_such_page_and_no_tab(pictured: Made) -> None:
    owner = staff()
    assert owner.get("/churn/contracts/").headers["Location"] == "/churn/"
    assert "By contract" not in text_of(owner.get("/churn/"))


def test_the_page_says_how_many_and_what_the_risk_is_worth(contracts: Path, assessed: Assessment) -> None:
    owner = staff()
    page = owner.get("/churn/contracts/")
    text = text_of(page)
    high = assessed.scores["level"].to_pylist().count("high")
    assert high
    assert f"{high} of" in text
    assert OF_ONE_DAY in text, "no time was held back, and it says so"
    assert page.context["told"].running + page.context["ended"] == 600
    assert "By contract" in text_of(owner.get("/churn/"))


def test_the_list_names_the_holder_the_risk_and_why_the_worst_first(contracts: Path) -> None:
    lines = staff().get("/churn/contracts/?level=high").context["lines"]
    assert [line.risk for line in lines] == sorted((line.risk for line in lines), reverse=True)
    assert all(line.level == "High" and line.holder.startswith("Guest") for line in lines)
    assert {(one.words, one.raises) for line in lines for one in line.reasons} == {("Contract: month", True)}


def test_who_ends_soon_comes_first_and_opens_the_people(contracts: Path) -> None:
    owner, address = staff(), "/churn/contracts/?within=30&sort=ends"
    page = owner.get(address)
    lines = list(page.context["lines"])
    for number in range(2, page.context["page"].paginator.num_pages + 1):
        lines += owner.get(f"{address}&page={number}").context["lines"]
    ends = [line.ends_on for line in lines]
    assert ends
    assert ends == sorted(ends)
    assert all(0 <= line.left <= 30 for line in lines)
    people = owner.get(page.context["asked"].people_url)
    assert people.context["summary"].customers == len({line.url for line in lines})


def test_what_makes_no_sense_is_left_open(contracts: Path) -> None:
    assert Asked.read({"level": "ended", "within": "7", "sort": "x"}) == Asked()
    part = staff().get("/churn/contracts/?level=medium", headers={"HX-Target": "contracts"})
    assert "<html" not in part.content.decode()


def test_a_customers_page_tells_their_contracts_with_reasons(contracts: Path, assessed: Assessment) -> None:
    who = next(row for row in assessed.scores.to_pylist() if row["level"] == "high")
    page = staff().get(customer_url(who["customer_id"]))
    mine = [row for row in assessed.scores.to_pylist() if row["customer_id"] == who["customer_id"]]
    assert {line.number for line in page.context["scores"].contracts} == {row["number"] for row in mine}
    text = text_of(page)
    assert who["number"] in text
    assert "Contract: month" in text


def test_model_cards_tell_the_contract_models_apart_from_the_others(contracts: Path) -> None:
    text = text_of(staff().get("/models/"))
    assert "Contracts: logistic regression" in text
    assert "Tested on customers it had not seen" in text


def test_few_contracts_are_listed_without_a_risk_and_say_what_is_missing(
    pictured: Made, settings: Any, tmp_path: Path
) -> None:
    who = [{"identity_id": one, "customer_id": one} for one in range(FIRST, FIRST + CUSTOMERS)]
    few = contract_score.assess(in_memory({"contracts": rows(20), "identities": who}), DAY)
    folder_with(few, pictured, settings, tmp_path)
    text = text_of(staff().get("/churn/contracts/"))
    assert "Too early to tell which contracts end" in text
    assert "it takes 100 of both" in text
    assert "Not known yet" in text


def table(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("contracts.csv", text.encode())


def kept() -> set[str]:
    """The uploaded files that are there."""
    return set(default_storage.listdir(uploads.FOLDER)[1]) if default_storage.exists(uploads.FOLDER) else set()


def test_a_table_comes_in_through_the_console_is_shown_first_then_posted() -> None:
    World()
    before = kept()
    owner, told = staff(), {"source": "bank", "as_of": "2026-02-01"}
    assert owner.get("/imports/contracts/").status_code == 200
    csv = "customer id,plan,End date\nA,full,\nB,basic,2026-01-05\n"
    page = owner.post("/imports/contracts/", {**told, "file": table(csv)}, follow=True)
    text = text_of(page)
    assert "Yes, import 2 contracts" in text
    assert "The contracts were numbered by bank" in text
    view = page.context["view"]
    assert (view.upload, kept()) == ("", before), "the file itself is not kept"
    policies, zone = programme()
    for _ in post_import(import_id=view.id, policies=policies, zone=zone, at=timezone.now()):
        pass
    assert query("SELECT kind FROM facts_fact ORDER BY kind") == [(7,), (7,), (8,)]
    text = text_of(owner.get(f"/imports/{view.id}/"))
    assert "3 entries on contracts were recorded" in text
    assert "2 contracts" in text_of(owner.get("/imports/"))
    for _ in undo_import(import_id=view.id, policies=policies, actor="test", at=timezone.now()):
        pass
    assert query("SELECT count(*) FROM facts_fact WHERE retracted_at IS NULL") == [(0,)]


def test_a_table_without_customers_or_of_a_day_to_come_is_refused_in_words() -> None:
    owner, told = staff(), {"source": "bank", "as_of": "2026-02-01"}
    page = owner.post("/imports/contracts/", {**told, "file": table("plan\nfull\n")})
    assert (page.status_code, "No column names the customer" in text_of(page)) == (422, True)
    page = owner.post("/imports/contracts/", {**told, "as_of": "2099-01-01", "file": table("id\nA\n")})
    assert "This day has not come yet" in text_of(page)
    assert query("SELECT count(*) FROM facts_import") == [(0,)]
