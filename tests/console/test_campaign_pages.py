"""Campaigns on their pages: written with few decisions, tried, approved, run, and answered for."""

import html
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from regulars.console.lines import customer_url
from regulars.core.bilingual import Text
from regulars.core.conditions import Comparison, Op
from regulars.decisions import queries as decisions
from regulars.decisions.rules import Outcome
from regulars.flows.measure_campaign import measure_campaign
from regulars.insight.compute import pictures
from regulars.insight.segments import actions as segments
from regulars.loyalty.coupons import offers
from regulars.outreach.campaigns import queries, ready
from regulars.outreach.campaigns.rules import CampaignView, State, about
from tests.console.pictured import CUSTOMERS, FIRST

from ..flows.working import work_off
from ..flows.world import query
from .forms import form_of
from .shop import counted, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(pictured: Any) -> int:
    """A shop with a picture and a segment of everybody who bought; its id."""
    from regulars.staff import actions
    from regulars.staff.rules import SYSTEM

    cache.clear()
    actions.change_business(by=SYSTEM, at=timezone.now(), name="Camellia", language="en", currency="CNY")
    tree = Comparison("orders", Op.GE, 1)
    return segments.create(name=Text("买过的人", "Buyers"), tree=tree, actor="", at=timezone.now())


def written(client: Client, segment: int, **changes: str) -> Any:
    """The page of a new campaign, saved with everything as it was suggested, but for these changes."""
    page = client.get(f"/campaigns/new/?segment={segment}")
    told = form_of(page.content.decode(), "campaign-form").dict() | texts(page) | changes
    return client.post("/campaigns/new/", told, follow=True)


def texts(page: Any) -> dict[str, str]:
    """Textareas, which the reader of forms leaves out."""
    typed = page.context["typed"]
    return {"body_zh": typed.body_zh, "body_en": typed.body_en}


def newest() -> CampaignView:
    return queries.campaigns()[0]


def started(client: Client, segment: int, **changes: str) -> CampaignView:
    """A campaign that runs, with everybody decided about."""
    written(client, segment, channel="copy_list", **changes)
    one = newest()
    client.post(f"/campaigns/{one.id}/move/", {"do": "approve", "revision": str(one.revision)})
    client.post(f"/campaigns/{one.id}/move/", {"do": "start"})
    work_off()
    return queries.campaign(one.id)


def test_an_empty_list_leads_to_a_new_one(shop: int) -> None:
    page = staff().get("/campaigns/")
    assert "/campaigns/new/" in page.content.decode()
    assert page.context["lines"] == []


def test_everything_is_suggested_so_that_saving_at_once_is_a_campaign(shop: int) -> None:
    page = written(staff(), shop)
    one = newest()
    assert page.redirect_chain[-1][0] == f"/campaigns/{one.id}/check/"
    assert one.plan.name == ready.name_for(Text("买过的人", "Buyers"))
    assert (one.plan.segment_id, one.plan.held_out_percent, one.plan.window_days) == (shop, Decimal(10), 30)
    assert set(one.plan.content) == {"zh", "en"}
    made = offers.offers()
    assert [offer.name for offer in made] == [Text("满30元减10元", "¥10 off from ¥30")]
    assert one.plan.offer_id == made[0].id


def test_words_that_nobody_touched_follow_whether_there_is_a_coupon(shop: int) -> None:
    written(staff(), shop, offer="")
    assert newest().plan.content["en"] == ready.letter("en", has_offer=False)
    assert offers.offers() == []


def test_what_is_wrong_is_marked_and_nothing_is_lost_nor_half_made(shop: int) -> None:
    page = written(staff(), shop, body_en="Hello {{ nam }}", offer_value="-3", held_out="0")
    assert page.status_code == 422
    assert set(page.context["problems"]) == {"offer_value", "body_en", "no_hold_out_reason"}
    assert "Hello {{ nam }}" in page.content.decode()
    assert (queries.campaigns(), offers.offers()) == ([], [])


def test_a_second_tab_gets_a_kind_word_and_loses_nothing(shop: int) -> None:
    client = staff()
    written(client, shop)
    one = newest()
    page = client.get(f"/campaigns/{one.id}/edit/")
    told = form_of(page.content.decode(), "campaign-form").dict() | texts(page)
    client.post(f"/campaigns/{one.id}/edit/", told | {"name": "The first tab"})
    page = client.post(f"/campaigns/{one.id}/edit/", told | {"name": "The second tab"})
    assert page.status_code == 409
    assert "Nothing that you typed is lost" in page.content.decode()
    again = form_of(page.content.decode(), "campaign-form").dict()
    assert (again["name"], newest().plan.name.en) == ("The second tab", "The first tab")
    client.post(f"/campaigns/{one.id}/edit/", again | texts(page))
    assert newest().plan.name.en == "The second tab"


def test_beside_the_draft_stands_who_can_be_reached_and_how_it_reads(shop: int) -> None:
    client = staff()
    page = client.get(f"/campaigns/new/?segment={shop}")
    told = form_of(page.content.decode(), "campaign-form").dict() | texts(page)
    live = client.post("/campaigns/live/", told | {"channel": "copy_list"})
    shown = live.content.decode()
    assert live.context["audience"].customers == CUSTOMERS
    assert f"Guest {FIRST}" in shown
    assert "¥10 off from ¥30" in shown
    reached = {one["code"]: one["reached"] for one in live.context["reach"]}
    assert reached == {"email": 0, "copy_list": CUSTOMERS}
    other = client.post("/campaigns/live/", told | {"channel": "copy_list", "other": "1"})
    assert f"Guest {FIRST + 1}" in other.content.decode()
    # Without a coupon the ready-made words change, and a mistake in a text is said at once.
    bare = client.post("/campaigns/live/", told | {"offer": "", "body_en": "{{ code }}"})
    assert [code for code, _message in bare.context["swapped"]] == ["zh"]
    assert dict(bare.context["problems"])["body_en"]


def test_customers_handed_over_become_a_draft_with_a_list(shop: int) -> None:
    client = staff()
    page = client.post("/campaigns/new/", {"customers": f"{FIRST},{FIRST + 1},{FIRST}"}, follow=True)
    one = newest()
    assert one.plan.customers == (FIRST, FIRST + 1)
    assert page.redirect_chain[-1][0] == f"/campaigns/{one.id}/edit/?coupon=new"
    assert page.context["typed"].has_offer
    told = form_of(page.content.decode(), "campaign-form").dict() | texts(page)
    client.post(f"/campaigns/{one.id}/edit/?coupon=new", told)
    assert newest().plan.customers == (FIRST, FIRST + 1)
    assert "2 chosen by hand" in client.get("/campaigns/").content.decode()


def test_people_behind_a_number_can_be_handed_over(shop: int) -> None:
    from regulars.console.behind import encoded

    where = encoded({"field": "orders", "op": "ge", "value": 3})
    staff().post("/campaigns/new/", {"query": f"where={where}"})
    assert 0 < len(newest().plan.customers or ()) < CUSTOMERS


def test_the_dry_run_adds_up_and_every_reason_opens_its_customers(shop: int) -> None:
    client = staff()
    query("UPDATE customers_customer SET name = '' WHERE id = %s RETURNING id", [FIRST])
    page = written(client, shop, channel="copy_list", most_messages="100")
    found = page.context
    assert found["chosen"] == 100
    assert found["chosen"] + found["held"] + found["suppressed"] == found["preview"].considered == CUSTOMERS
    assert sum(part.customers for part in found["parts"]) == CUSTOMERS
    for part in found["parts"]:
        listed = client.get(part.url).context
        assert listed["shown"] == part.customers
    assert "would show" in found["prospect"] or "Only" in found["prospect"]


def test_a_campaign_goes_from_draft_to_report(shop: int) -> None:
    client = staff()
    one = started(client, shop)
    assert one.state is State.RUNNING
    arms = decisions.arms(about(one.id))
    page = client.get(f"/campaigns/{one.id}/", follow=True)
    assert page.context["progress"].decided == CUSTOMERS
    assert page.context["progress"].left == arms[Outcome.CHOSEN]
    assert page.context["outcome"] is None
    for step, state in (("pause", State.PAUSED), ("resume", State.RUNNING), ("stop", State.STOPPED)):
        address = "pause" if step == "pause" else "move"
        client.post(f"/campaigns/{one.id}/{address}/", {"do": step})
        assert queries.campaign(one.id).state is state
    work_off()
    page = client.get(f"/campaigns/{one.id}/report/")
    assert [move["state"] for move in page.context["moves"]][:2] == ["stopped", "running"]
    client.post(f"/campaigns/{one.id}/copy/")
    assert (newest().copied_from, newest().state) == (one.id, State.DRAFT)


def over(one: CampaignView) -> None:
    """Its window is over, and it is measured."""
    query(
        "UPDATE experiments_experiment SET started_at = started_at - interval '40 days',"
        " ends_at = ends_at - interval '40 days' WHERE about_id = %s RETURNING id",
        [one.id],
    )
    measure_campaign(campaign_id=one.id, at=timezone.now())


def test_the_report_answers_first_and_shows_its_arithmetic(shop: int) -> None:
    client = staff()
    one = started(client, shop)
    over(one)
    page = client.get(f"/campaigns/{one.id}/report/")
    assert page.context["code"] in ("too_few", "cannot_tell")
    assert page.context["answer"] in page.content.decode()
    rows = {row.label: row for row in page.context["arms"]}
    arms = decisions.arms(about(one.id))
    assert rows["Customers"].treated == str(arms[Outcome.CHOSEN])
    assert "{" not in page.context["said"]
    file = b"".join(client.post(f"/campaigns/{one.id}/figures/csv/").streaming_content).decode()  # type: ignore[attr-defined]
    assert f"Customers,{arms[Outcome.CHOSEN]},{arms[Outcome.HELD_OUT]}" in file
    assert "net.point,incremental.point-costs.coupons-costs.messages" in file
    line = client.get("/campaigns/").context["lines"][0]
    assert line.result in ("too few to tell", "cannot tell yet")


def test_the_spreadsheet_computes_the_result_again(shop: int) -> None:
    client = staff()
    one = started(client, shop)
    over(one)
    sent = client.post(f"/campaigns/{one.id}/figures/xlsx/")
    sheet = load_workbook(BytesIO(b"".join(sent.streaming_content)))["Regulars"]  # type: ignore[attr-defined]
    steps = {row[5].value: row[4] for row in sheet.iter_rows(min_row=2) if row[5].value}
    cells = {name: cell.coordinate for name, cell in steps.items()}
    wanted = f"={cells['incremental.point']}-{cells['costs.coupons']}-{cells['costs.messages']}"
    assert steps["net.point"].value == wanted
    assert steps["n.t"].value == decisions.arms(about(one.id))[Outcome.CHOSEN]


def test_the_way_to_the_result_is_drawn_from_the_second_day_on(shop: int) -> None:
    client = staff()
    one = started(client, shop)
    over(one)
    address = f"/campaigns/{one.id}/report/"
    assert client.get(address).context["course"] is None
    measure_campaign(campaign_id=one.id, at=timezone.now() - timedelta(days=20))
    page = client.get(address)
    course = page.context["course"]
    assert [line.day for line in course.lines] == sorted((line.day for line in course.lines), reverse=True)
    assert len(course.lines) == 2
    assert {len(series["data"]) for series in course.chart["series"]} == {2}
    assert "course-chart" in page.content.decode()


def test_whoever_asks_why_gets_an_answer_for_anybody(shop: int) -> None:
    client = staff()
    one = started(client, shop)
    held = decisions.ids(about(one.id), Outcome.HELD_OUT)[0]
    page = client.get(f"/campaigns/{one.id}/people/?q=Guest {held}")
    assert [(line.customer_id, line.outcome) for line in page.context["answers"]] == [(held, "Left out by lot")]
    assert "10%" in page.context["answers"][0].why
    page = client.get(f"/campaigns/{one.id}/people/?outcome=held_out")
    assert page.context["shown"] == decisions.arms(about(one.id))[Outcome.HELD_OUT]
    file = b"".join(
        client.post(f"/campaigns/{one.id}/people/export/csv/", {"query": "outcome=held_out"}).streaming_content  # type: ignore[attr-defined]
    ).decode()
    assert file.count("\n") == page.context["shown"] + 1
    card = client.get(customer_url(held))
    assert card.context["campaigns"]["considered"][0].outcome == "Left out by lot"


def test_asking_about_several_customers_looks_into_the_picture_once(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    client = staff()
    often = Comparison("orders", Op.GE, 12)
    segment = segments.create(name=Text("常客", "Often"), tree=often, actor="", at=timezone.now())
    one = started(client, segment)
    asked: list[object] = []
    ask = pictures.Look.ask

    def noted(look: pictures.Look, wanted: Any) -> Any:
        asked.append(wanted)
        return ask(look, wanted)

    monkeypatch.setattr(pictures.Look, "ask", noted)
    address = f"/campaigns/{one.id}/people/?q=Guest"
    with counted(monkeypatch) as about_one:
        client.get(f"{address} {FIRST}")
    asked.clear()
    with counted(monkeypatch) as about_eight:
        answers = client.get(address).context["answers"]
    assert len(answers) == 8
    assert {line.outcome for line in answers} > {"Not considered"}
    assert len(asked) == 1
    # What is told of considered ones and of the others is looked up once each.
    assert len(about_eight) <= len(about_one) + 3


def test_several_campaigns_are_looked_at_together(shop: int) -> None:
    client = staff()
    for _time in range(2):
        over(started(client, shop))
    page = client.get("/campaigns/")
    assert page.context["pooled"].verdict.numbers["campaigns"] == 2
    assert page.context["why_held_out"] in html.unescape(page.content.decode())
    assert len(page.context["lines"]) == 2


def test_who_may_look_may_not_write_or_approve(shop: int) -> None:
    one = started(staff(), shop)
    viewer = staff("viewer")
    assert viewer.get("/campaigns/").status_code == 200
    assert viewer.get(f"/campaigns/{one.id}/report/").status_code == 200
    assert viewer.get("/campaigns/new/").status_code == 403
    assert viewer.post(f"/campaigns/{one.id}/move/", {"do": "stop"}).status_code == 403
    assert viewer.post(f"/campaigns/{one.id}/people/export/csv/").status_code == 403


def test_pages_do_not_ask_more_when_there_is_more(shop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from .shop import counted

    client = staff()
    one = started(client, shop)
    pages = ["/campaigns/", f"/campaigns/{one.id}/report/", f"/campaigns/{one.id}/people/", "/coupons/"]

    def statements() -> dict[str, int]:
        found = {}
        for page in pages:
            cache.clear()
            with counted(monkeypatch) as seen:
                assert client.get(page).status_code == 200
            found[page] = len(seen)
        return found

    few = statements()
    for _time in range(3):
        started(client, shop, offer="")
    many = statements()
    assert {page: (few[page], many[page]) for page in pages if many[page] > few[page]} == {}
    assert max(many.values()) <= 45, many


def test_the_window_is_told_before_it_ends(shop: int) -> None:
    client = staff()
    one = started(client, shop)
    ends = timezone.localtime(one.started_at + timedelta(days=30)) if one.started_at else None
    assert ends is not None
    measure_campaign(campaign_id=one.id, at=timezone.now())
    page = client.get(f"/campaigns/{one.id}/report/")
    assert page.context["code"] == "running"
    assert str(ends.year) in page.context["said"]
