"""The churn radar: the list, its filters and exports, key moments, drivers, and the data gate in plain words."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from django.test import Client
from playwright.sync_api import Browser, expect

from regulars.console.behind import selection
from regulars.console.condition_words import Speaker
from regulars.console.picture.churn_groups import groupings, moments
from regulars.console.picture.churn_radar import Asked
from regulars.core.conditions import Choice, plain, used_fields
from regulars.insight.compute import figures
from regulars.insight.compute.card_files import read_cards, write_cards
from regulars.insight.compute.cards import Bin, Card, Text, Verdict
from regulars.insight.compute.churn.drivers import Driver
from regulars.insight.compute.churn.moments import Moment
from regulars.insight.compute.fields import catalogue
from regulars.insight.compute.refresh import Made
from regulars.insight.compute.sets import Sets
from regulars.staff.queries import audit_trail

from ..browser import assert_accessible, watched
from .pictured import DAY
from .shop import counted, staff
from .test_in_browser import context_of

pytestmark = pytest.mark.django_db

SERVES = Text("它更准（AUC {auc:.3f}），所以由它打分。", "It did better (AUC {auc:.3f}), so it gives the scores.")
MODEL = Card(
    model="churn_logistic", purpose="churn", unit="day", first_day=date(2024, 3, 1), last_day=DAY, customers=220,
    parameters={"horizon_days": 56.0, "intercept": -2.1, "silence_ratio:log": 0.8, "main_channel=online": -0.2},
    verdict=Verdict(True, "serves", SERVES, {"auc": 0.81}),
    backtest={"auc": 0.81, "baseline_auc": 0.74, "log_loss": 0.3, "baseline_log_loss": 0.28, "threshold": 0.262,
              "top_decile_lift": 3.4, "baseline_top_decile_lift": 2.0, "rows": 500.0},
    calibration=(Bin(110, 0.1, 0.08), Bin(110, 0.6, 0.66)),
)  # fmt: skip
DRIVERS = [
    Driver("stage", "at_risk", 30, 0.5, "silence_ratio", 0.9),
    Driver("stage", "active", 90, 0.1, "silence_ratio", -0.4),
    Driver("main_channel", "store", 120, 0.2, "silence_ratio", 0.0),
]


@pytest.fixture
def served(pictured: Made, settings: Any, tmp_path: Path) -> Path:
    """The same picture where a model serves: who was at high risk by the rule has 80 %, others less."""
    source = Path(settings.LAKE_DIR) / "sets" / pictured.name
    sets = Sets(tmp_path / "sets")
    folder = sets.folder / pictured.name
    folder.mkdir(parents=True)
    table = pq.read_table(source / "picture.parquet")
    level = table["churn_level"]
    risk = pc.case_when(
        pc.make_struct(pc.equal(level, "high"), pc.equal(level, "medium"), pc.equal(level, "low")),
        pa.scalar(0.8), pa.scalar(0.4), pa.scalar(0.1),
    )  # fmt: skip
    table = table.set_column(table.column_names.index("churn_risk"), "churn_risk", risk)
    pq.write_table(table, folder / "picture.parquet")
    told = figures.churn_of(source)
    assert told is not None
    kept = json.loads((source / figures.CHURN).read_text())
    kept["drivers"] = [{name: getattr(one, name) for name in one.__slots__} for one in DRIVERS]
    (folder / figures.CHURN).write_text(json.dumps(kept))
    write_cards(folder / "cards.json", [*read_cards(source / "cards.json")[:5], MODEL])
    settings.LAKE_DIR = tmp_path
    return folder


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_without_a_picture_the_page_says_what_to_do() -> None:
    page = staff().get("/churn/")
    assert page.status_code == 200
    assert "There is no picture yet" in page.content.decode()


def test_where_only_the_rule_serves_it_says_what_is_missing_and_shows_levels(pictured: Made) -> None:
    page = staff().get("/churn/?level=high")
    text = text_of(page)
    assert "Levels for now, percentages later" in text
    assert "without a percentage" in text
    assert "have been silent for 3 times their usual gap or longer" in text
    assert all(line.risk is None and line.level == "High" for line in page.context["lines"])
    assert len(page.context["lines"]) == min(20, page.context["high"])
    assert "lost" not in text.lower()
    assert "Already away" in text


def test_a_model_tells_percentages_the_dearest_first(served: Path) -> None:
    page = staff().get("/churn/")
    text = text_of(page)
    assert "will probably stay away for the next" in text
    assert "percentages later" not in text
    assert "Getting in touch pays from a risk of 27% on" in text
    assert "if a contact costs ¥5.00 and keeps 10% of those about to leave" in text
    lines = page.context["lines"]
    assert {line.risk for line in lines} <= {80.0, 40.0}
    exposures = [line.risk * line.stake for line in lines]
    assert exposures == sorted(exposures, reverse=True)
    assert all(line.todo and line.stage for line in lines)
    assert "Silent for" in lines[0].reasons[0].words
    assert lines[0].reasons[0].raises


def test_every_number_opens_exactly_those_customers(served: Path) -> None:
    owner = staff()
    context = owner.get("/churn/").context
    for number, url in (
        (context["high"], context["high_url"]), (context["medium"], context["medium_url"]),
        (context["watched"], context["watched_url"]), (context["away"], context["away_url"]),
        *((one.customers, one.url) for one in context["todo"]),
    ):  # fmt: skip
        assert owner.get(url).context["summary"].customers == number
    stake = owner.get(context["watched_url"]).context["total_value"]
    assert stake == context["watched_stake"]


def test_filters_narrow_and_say_the_same_as_the_list_of_people(served: Path) -> None:
    owner = staff()
    reason, _label, customers = owner.get("/churn/").context["reasons"][0]
    page = owner.get(f"/churn/?reason={reason}")
    assert page.context["count"] == customers > 0
    assert all(any(one.raises for one in line.reasons) for line in page.context["lines"])
    people = owner.get(page.context["asked"].people_url)
    assert people.context["summary"].customers == customers
    assert "raises the churn risk" in people.context["title"]
    stage = owner.get("/churn/?level=low&stage=active&value=core")
    assert owner.get(stage.context["asked"].people_url).context["summary"].customers == stage.context["count"]
    assert {line.stage for line in stage.context["lines"]} <= {"Active"}


def test_a_part_of_the_page_for_htmx_and_nonsense_left_open(served: Path) -> None:
    part = staff().get("/churn/?sort=value", headers={"HX-Request": "true", "HX-Target": "radar"})
    assert b"<h1" not in part.content
    stakes = [line.stake for line in part.context["lines"]]
    assert stakes == sorted(stakes, reverse=True)
    nonsense = {"level": "lots", "stage": "x", "value": "'", "reason": "churn_risk", "sort": "name"}
    assert Asked.read(nonsense) == Asked()


def test_the_export_holds_all_reasons_and_is_recorded(served: Path) -> None:
    owner = staff()
    sent = owner.post("/churn/export/csv/", {"query": "level=high"})
    rows = b"".join(sent).decode("utf-8-sig").splitlines()  # type: ignore[call-overload]
    high = owner.get("/churn/?level=high").context["count"]
    assert len(rows) == high + 1
    assert rows[0].startswith("Member number,Name,Phone,Level of risk,Churn risk (%),Why")
    assert "80.0" in rows[1]
    assert "↑" in rows[1]
    line = audit_trail(limit=1)[0]
    assert (line.action, line.detail["rows"]) == ("insight.export", high)
    assert line.detail["filter"] == ["churn", "level=high"]
    assert owner.post("/churn/export/pdf/").status_code == 404
    assert owner.get("/churn/export/csv/").status_code == 405


def test_staff_without_insight_do_not_see_it(served: Path) -> None:
    assert staff("cashier").get("/churn/").status_code == 403


def test_as_many_statements_for_many_as_for_few(served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = staff()
    owner.get("/churn/")
    with counted(monkeypatch) as few:
        owner.get("/churn/?stage=growing")
    with counted(monkeypatch) as many:
        owner.get("/churn/?level=lost")
    assert len(many) <= len(few) + 1
    assert len(many) <= 30


def english() -> Speaker:
    return Speaker(catalogue(), "en", "CNY", plain)


def test_moments_point_to_the_worst_and_keep_their_intervals() -> None:
    first = Moment("visit", 1, 200, 90, 0.45, 0.38, 0.52, 0.3, key=True)
    found = moments([first, replace(first, nth=2, share=0.2, low=0.15, high=0.26, key=False),
                     Moment("refund", 0, 30, 15, 0.5, 0.33, 0.67, 0.3, key=True)], 56, english())  # fmt: skip
    assert found is not None
    assert found.worst is not None
    assert found.worst.said == "After a refund, 50% did not come back within 56 days."
    assert [bool(line.url) for line in found.lines] == [True, True, False]
    assert all(line.low_x <= line.x <= line.high_x for line in found.lines)
    assert moments([], 56, english()) is None


def test_drivers_lean_left_and_right_and_a_lone_group_is_left_out() -> None:
    (stages,) = groupings(DRIVERS, english())
    assert [group.name for group in stages.groups] == ["At risk", "Active"]
    up, down = (group.pushes[0] for group in stages.groups)
    assert up.raises
    assert (up.x, up.width) == (60.0, 60.0)
    assert not down.raises
    assert round(down.x + down.width) == 60


def test_tiers_go_by_their_names_and_open_their_customers() -> None:
    names = [Choice(0, Text("普卡", "Basic")), Choice(1, Text("银卡", "Silver"))]
    words = replace(english(), fields=catalogue({"tier": names}))
    told = [
        Driver("tier", place, 30, risk, "silence_ratio", 0.9) for place, risk in (("0", 0.5), ("1", 0.2), ("7", 0.1))
    ]
    (tiers,) = groupings(told, words)
    assert [group.name for group in tiers.groups] == ["Basic", "Silver"], "a tier that is gone has no name to go by"
    tree = selection(dict(parse_qsl(urlsplit(tiers.groups[1].url).query)), words.fields).tree
    assert used_fields(tree) == {"tier", "churn_risk"}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_radar_and_the_models_are_accessible_and_fit_a_phone(
    served: Path, chromium: Browser, live_server: Any
) -> None:
    for language, width in (("zh-hans", 390), ("en", 1280)):
        owner: Client = staff(language=language)
        context = context_of(chromium, owner, live_server.url, viewport={"width": width, "height": 900})
        page = context.new_page()
        errors = watched(page)
        for address in ("/churn/", "/models/"):
            page.goto(address, wait_until="networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
            for _theme in ("light", "dark"):
                assert_accessible(page)
                page.keyboard.press("t")
        if width > 400:
            page.goto("/churn/")
            page.select_option("select[name=sort]", "value")
            expect(page).to_have_url(re.compile(r"sort=value"))
            page.click("nav >> text=Already away")
            expect(page.locator("#radar .view-tab[aria-current=page]")).to_contain_text("Already away")
        assert errors == []
        context.close()
