"""Cohorts: the answer, the triangle, who stays, who buys less often, and customers by any two attributes."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation
from playwright.sync_api import Browser, expect

from regulars.console.views.cohorts import triangle
from regulars.insight import queries as insight
from regulars.insight.compute import segment_retention
from regulars.insight.compute.cohorts import Cohorts
from regulars.insight.compute.cohorts import table as cohorts_table
from regulars.insight.compute.periods import Unit, number_of
from regulars.insight.compute.rates import Rate
from regulars.insight.models import Segment, SegmentVersion
from regulars.staff import queries as people

from ..browser import assert_accessible, watched
from ..flows.world import query
from .pictured import CUSTOMERS, DAY, SEGMENT, at, told
from .shop import counted, staff
from .test_in_browser import context_of

pytestmark = pytest.mark.django_db
SWITCHES = [
    "unit=week", "unit=quarter", "show=again", "show=spent", "by=store", "by=cohort", "by=segment", "curves=channel",
    "curves=cohort",
    "row=main_channel&column=orders&tells=row", "row=first_purchase_day&column=stage&tells=mean&value=value_minor",
    "tells=column", "unit=never&show=x&by=y&curves=z&row=tags&column=no&value=stage&tells=q",
]  # fmt: skip


@pytest.fixture(scope="module")
def lake() -> Any:
    """What the picture was made from."""
    return told()


@pytest.fixture
def page(pictured: Any, lake: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """The owner before the page; the lake is in memory, where other shops have it in files."""

    def behind(choose: Any) -> list[int]:
        return sorted(choose(lake, DAY).select("customer_id").distinct().to_pyarrow()["customer_id"].to_pylist())

    monkeypatch.setattr(insight, "customers_behind", behind)
    cache.clear()
    yield staff()
    cache.clear()


def there(client: Client, url: str) -> int:
    """How many customers a link leads to."""
    selection = client.get(url).context["summary"]
    return int(selection.customers)


def cells_of(client: Client, switch: str) -> list[tuple[int, str]]:
    """(count, address) of the cells of a triangle."""
    rows = client.get(f"/cohorts/?{switch}").context["triangle"].rows
    found = [cell for row in rows for cell in row.cells if cell and cell.url]
    return [(int(cell.said.split(" of ")[0]), cell.url) for cell in found]


class TestThePage:
    def test_it_begins_with_the_answer(self, page: Client) -> None:
        answer = page.get("/cohorts/").context["answer"]
        assert 0 < answer.rate.count <= answer.rate.of
        assert f"{answer.share:.1f}% came again within 3 months" in page.get("/cohorts/").content.decode()

    def test_before_the_first_picture_it_says_what_to_do(self) -> None:
        answer = staff().get("/cohorts/")
        assert answer.status_code == 200
        assert "There is no picture yet" in answer.content.decode()
        assert staff("marketer").post("/cohorts/export/csv/").status_code == 302

    @pytest.mark.parametrize("switch", SWITCHES)
    def test_each_switch_gives_a_page(self, page: Client, switch: str) -> None:
        assert page.get(f"/cohorts/?{switch}").status_code == 200

    @pytest.mark.parametrize("part", ["triangle", "retention", "groups", "survival", "cross"])
    def test_a_switch_sends_its_part_alone(self, page: Client, part: str) -> None:
        text = page.get("/cohorts/", headers={"HX-Request": "true", "HX-Target": part}).content.decode()
        assert "<html" not in text
        assert "<h2>" in text

    def test_it_reads_in_chinese(self, page: Client) -> None:
        assert staff(language="zh-hans").get("/cohorts/?curves=store&by=cohort").status_code == 200

    def test_it_asks_the_database_little(self, page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        page.get("/cohorts/")
        with counted(monkeypatch) as seen:
            page.get("/cohorts/?by=store&curves=store")
        assert len(seen) <= 34

    def test_somebody_of_one_store_does_not_see_it(self, pictured: Any) -> None:
        query("INSERT INTO catalogue_store (code, name) VALUES ('S1', '') RETURNING id")
        assert staff("service", stores=["S1"]).get("/cohorts/").status_code == 403


class TestTheTriangle:
    @pytest.mark.parametrize("switch", ["unit=month", "unit=quarter&show=again", "unit=week", "unit=month&show=again"])
    def test_a_cell_leads_to_exactly_its_customers(self, page: Client, switch: str) -> None:
        cells = cells_of(page, switch)
        assert len(cells) > 20
        for count, url in (cells[len(cells) // 2], cells[-1]):
            assert there(page, url) == count

    def test_a_cohort_leads_to_its_members_by_a_condition(self, page: Client) -> None:
        rows = page.get("/cohorts/").context["triangle"].rows
        assert sum(row.size for row in rows) == CUSTOMERS
        assert there(page, rows[3].url) == rows[3].size

    def test_the_title_says_who_is_meant(self, page: Client) -> None:
        title = page.get("/people/?cohort=2025-01-01&unit=month&after=2&again=1").context["title"]
        assert title == "First bought in Jan 2025, came again by month 2 after it"

    @pytest.mark.parametrize(
        "address",
        ["cohort=x", "cohort=2025-01-01&unit=year", "cohort=2025-01-01&after=-1", "cohort=0001-01-01",
         "retention=none&of=2025-01-01", "retention=lost", "retention=lost&of=2025-01-01&by=store&part=x",
         "retention=lost&of=2025-01-01&by=age", "retention=lost&of=2025-01-01&by=segment&part=x"],
    )  # fmt: skip
    def test_an_address_that_was_changed_gets_a_kind_answer(self, page: Client, address: str) -> None:
        assert "was cut off" in page.get(f"/people/?{address}").context["unreadable"]

    def test_only_the_running_period_is_marked(self, page: Client) -> None:
        rows = page.get("/cohorts/?unit=quarter").context["triangle"].rows
        for row in rows:
            cells = [cell for cell in row.cells if cell]
            assert [cell.running for cell in cells] == [False] * (len(cells) - 1) + [True]

    def test_those_who_have_not_come_again_are_the_rest(self, page: Client) -> None:
        answer = page.get("/cohorts/").context["answer"]
        assert there(page, answer.waiting_url) <= answer.rate.of - answer.rate.count

    def test_the_export_has_every_cell_and_is_recorded(self, page: Client) -> None:
        sent: Any = page.post("/cohorts/export/csv/", {"unit": "quarter"})
        rows = list(csv.reader(io.StringIO(b"".join(sent.streaming_content).decode("utf-8-sig"))))
        found = insight.cohorts(Unit.QUARTER)
        assert found is not None
        assert len(rows) - 1 == sum(len(one.cells) for one in found.cohorts)
        assert all(len(row) == len(rows[0]) for row in rows)
        line = next(line for line in people.audit_trail(limit=5) if line.action == "insight.export")
        assert line.detail == {"rows": len(rows) - 1, "format": "csv", "filter": ["cohorts", "quarter"]}
        assert staff("viewer").post("/cohorts/export/csv/").status_code == 403


def shop(again: dict[date, tuple[int, int]], day: date) -> Cohorts:
    """Cohorts by month of (size, came again a month later)."""
    rows = []
    for first, (size, came) in again.items():
        for period, active in ((0, size), (1, came)):
            row = {"cohort": number_of(first, Unit.MONTH), "period": period, "active": active, "orders": active}
            rows.append({**row, "net": 1, "again": came if period else 0})
    return cohorts_table(rows, day, Unit.MONTH)


class TestTheAnswer:
    @translation.override("en")
    def test_it_is_of_the_last_three_months_that_had_their_time(self) -> None:
        months = {date(2025, month, 1): (100, month) for month in range(1, 13)}
        answer = triangle.answer(shop(months, date(2026, 1, 10)))
        assert answer is not None
        assert (answer.first, answer.last) == ("Jul 2025", "Sep 2025")
        assert answer.rate == Rate(7 + 8 + 9, 300)
        assert answer.change == ""

    @pytest.mark.parametrize(("came", "change"), [(20, "better"), (60, "worse"), (40, "same")])
    def test_a_year_before_is_compared_beyond_chance(self, came: int, change: str) -> None:
        months = {date(2024, 1, 1): (50, 50)}
        months |= {date(2024, month, 1): (100, came) for month in range(2, 13)}
        months |= {date(2025, month, 1): (100, 42) for month in range(1, 13)}
        answer = triangle.answer(shop(months, date(2026, 1, 10)))
        assert answer is not None
        assert answer.change == change

    def test_nothing_is_said_before_three_months_are_over(self) -> None:
        assert triangle.answer(shop({date(2025, 12, 1): (100, 10)}, date(2026, 2, 20))) is None
        assert triangle.answer(shop({}, date(2026, 2, 20))) is None


class TestWhoStays:
    def test_figures_of_a_period_lead_to_their_customers(self, page: Client) -> None:
        line = page.get("/cohorts/").context["latest"]
        assert line.retained + line.lost == line.before
        for figure in ("retained", "lost", "new", "returned"):
            if url := getattr(line, f"{figure}_url"):
                assert there(page, url) == getattr(line, figure)

    @pytest.mark.parametrize("by", ["channel", "store", "cohort"])
    def test_figures_of_a_group_lead_to_their_customers(self, page: Client, by: str) -> None:
        lines = page.get(f"/cohorts/?by={by}").context["group_lines"]
        line = next(line for line in lines if line.lost and line.retained)
        assert there(page, line.lost_url) == line.lost
        assert there(page, line.retained_url) == line.retained
        assert line.share.low <= line.share.share <= line.share.high

    def test_segments_lead_to_those_who_were_in_them_then(self, page: Client) -> None:
        assert "Segment" in page.get("/cohorts/?by=segment").content.decode()
        assert page.get("/cohorts/?by=segment").context["group_lines"] == [], "a segment that is gone has no name"
        Segment.objects.create(pk=SEGMENT, names={"zh": "熟客", "en": "Regular guests"}, created_at=at(DAY))
        SegmentVersion.objects.create(segment_id=SEGMENT, number=1, tree={"all": []}, created_at=at(DAY))
        [line] = page.get("/cohorts/?by=segment").context["group_lines"]
        assert (line.name, line.period) == ("Regular guests", "Feb 2026")
        assert line.retained + line.lost == line.before > 5
        assert there(page, line.lost_url) == line.lost
        assert there(page, line.retained_url) == line.retained
        title = page.get(line.lost_url).context["title"]
        assert title == "Regular guests: bought in the period before, but not in Feb 2026"

    def test_before_anybody_is_on_record_the_page_says_when_it_can_tell(
        self, page: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        empty = segment_retention.table([], DAY, Unit.MONTH)
        monkeypatch.setattr(insight, "segment_retention", lambda: empty)
        assert "on record from the first refresh on" in page.get("/cohorts/?by=segment").content.decode()

    def test_curves_fall_and_stay_within_their_interval(self, page: Client) -> None:
        chart = page.get("/cohorts/").context["survival_chart"]
        share, low, high = (one["data"] for one in chart["series"])
        assert share[0] == 100
        assert share == sorted(share, reverse=True)
        assert all(bottom <= middle <= top for bottom, middle, top in zip(low, share, high, strict=True))

    def test_who_buys_less_often_is_listed(self, page: Client) -> None:
        context = page.get("/cohorts/").context
        assert context["fewer"] > 0
        assert there(page, context["fewer_url"]) == context["fewer"]
        assert all(one.actual < one.expected for one in context["declining"])


class TestCrossTabs:
    @pytest.mark.parametrize(
        ("row", "column"),
        [("stage", "contribution"), ("recency_days", "main_channel"), ("first_purchase_day", "orders")],
    )
    def test_sums_are_totals_and_cells_lead_to_their_customers(self, page: Client, row: str, column: str) -> None:
        context = page.get(f"/cohorts/?row={row}&column={column}").context
        rows, totals, whole = context["cross"], context["cross_totals"], context["cross_whole"]
        assert whole.count == CUSTOMERS == there(page, whole.url)
        assert [sum(cell.count for cell in one.cells) for one in rows] == [one.total.count for one in rows]
        columns = zip(*(one.cells for one in rows), strict=True)
        assert [sum(cell.count for cell in one) for one in columns] == [one.count for one in totals]
        fullest = max((cell for one in rows for cell in one.cells), key=lambda cell: cell.count)
        assert there(page, fullest.url) == fullest.count
        assert there(page, rows[-1].total.url) == rows[-1].total.count
        assert len({one.label for one in rows}) == len(rows)

    def test_shares_of_a_row_are_of_the_row(self, page: Client) -> None:
        row = page.get("/cohorts/?row=stage&column=main_channel&tells=row").context["cross"][0]
        shares = [float(cell.text.rstrip("%·") or 0) for cell in row.cells]
        assert sum(shares) == pytest.approx(100, abs=2)
        assert row.total.text == "100%"

    def test_means_are_of_the_value(self, page: Client) -> None:
        context = page.get("/cohorts/?row=stage&column=main_channel&tells=mean&value=orders").context
        rows = insight.pictures(columns=["orders"], limit=CUSTOMERS)
        mean = sum(row["orders"] for row in rows) / len(rows)
        assert context["cross_whole"].text == f"{mean:,.1f}"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_from_a_cell_to_its_customers(page: Client, chromium: Browser, live_server: Any) -> None:
    context = context_of(chromium, page, live_server.url, viewport={"width": 1280, "height": 900})
    seen = context.new_page()
    errors = watched(seen)
    seen.goto("/cohorts/")
    expect(seen.locator("#survival svg[role], #survival [data-chart] svg").first).to_be_visible()
    assert_accessible(seen)
    seen.click("#triangle >> text=Came again by then")
    expect(seen.locator("#triangle [aria-current]")).to_have_text("Came again by then")
    seen.select_option("#cross-tells", "mean")
    expect(seen.locator("#cross-value")).to_be_visible()
    seen.click("#survival >> text=Store")
    expect(seen.locator("#survival [aria-current]")).to_have_text("Store")
    expect(seen.locator("#survival [data-chart] svg")).to_be_visible()
    cell = seen.locator("#triangle tbody a[title]").nth(5)
    customers = re.match(r"\d+", cell.get_attribute("title") or "")
    assert customers
    cell.click()
    expect(seen.locator("main h1 + p")).to_contain_text(customers[0])
    assert errors == []
    context.close()
