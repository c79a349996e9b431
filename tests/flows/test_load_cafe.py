"""The café demo, small: its members and orders come in once, and its past win-back is done with the real actions."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regulars.core.bilingual import Text
from regulars.customers import consents, stable_names
from regulars.facts.connectors.camellia import Camellia
from regulars.facts.connectors.camellia.win_back import COUPON_LEAST_MINOR, COUPON_MINOR, WINDOW_DAYS
from regulars.flows import past_win_back
from regulars.flows.load_cafe import load_members, load_orders
from regulars.flows.measure_campaign import measure_campaign
from regulars.flows.start_campaign import queue_campaign
from regulars.loyalty.coupons import actions as coupons
from regulars.loyalty.coupons import queries as coupon_queries
from regulars.loyalty.coupons.rules import OfferKind, Terms
from regulars.outreach.campaigns import queries as campaigns
from regulars.outreach.campaigns.rules import Message, Plan
from regulars.staff import actions as staff
from regulars.staff.rules import SYSTEM
from tests.flows.world import World, query

pytest.importorskip("faker")
pytestmark = pytest.mark.django_db
MEMBERS = 120
SCHEMA = pa.schema(
    [
        ("customer_id", pa.int64()), ("who", pa.string()), ("purchase_days", pa.int64()),
        ("silence_ratio", pa.float64()), ("recency_days", pa.int64()),
    ]
)  # fmt: skip


@pytest.fixture
def world() -> World:
    made = World(now="2026-11-22 12:00")
    staff.change_business(by=SYSTEM, at=made.now, name="山茶咖啡", time_zone="Asia/Shanghai", currency="CNY")
    return made


@pytest.fixture
def cafe() -> Camellia:
    return Camellia(on=date(2026, 11, 22), members=MEMBERS)


def picture(cafe: Camellia, ids: dict[str, int], folder: Path) -> Path:
    """What the segment asks about, as of the day of the win-back, worked out from the generator's own visits."""
    visited: dict[str, set[date]] = {number: set() for number in ids}
    for member, visit in cafe.visits():
        if visit.day < cafe.win_back_on:
            visited[member.number].add(visit.day)
    whos, rows = stable_names.stable_names(list(ids.values())), []
    for number, days in visited.items():
        last, first = max(days, default=None), min(days, default=None)
        gap = (last - first).days / (len(days) - 1) if last and first and len(days) > 1 else None
        silent = (cafe.win_back_on - last).days if last else None
        ratio = silent / gap if silent and gap else None
        rows.append((ids[number], whos[ids[number]], len(days), ratio, silent))
    made = folder / "sets" / "then"
    made.mkdir(parents=True)
    told = [dict(zip(SCHEMA.names, row, strict=True)) for row in rows]
    pq.write_table(pa.Table.from_pylist(told, schema=SCHEMA), made / "picture.parquet")
    return made


def test_members_and_orders_come_in_once(world: World, cafe: Camellia) -> None:
    ids = load_members(members=cafe.members, at=world.now)
    assert len(set(ids.values())) == MEMBERS
    some = [member for member in cafe.members if member.agrees and member.email and not member.took_back_on]
    refused = consents.reach([ids[one.number] for one in some], channel="email", at=world.now)
    assert {one.refused for one in refused.values()} == {""}
    back = [ids[one.number] for one in cafe.members if one.took_back_on]
    assert set(consents.refusals(back, "promotion", "email", at=world.now).values()) == {"unsubscribed"}
    spoken = consents.languages(ids.values())
    assert sorted(spoken) == sorted(ids[one.number] for one in cafe.members if one.language == "en")
    words = query("SELECT count(*) FROM customers_consent")

    small = list(cafe.facts(since=cafe.calendar.last - timedelta(weeks=8)))
    assert load_orders(facts=small, products=cafe.products(), at=world.now) == len(small)
    assert load_members(members=cafe.members, at=world.now) == ids
    assert load_orders(facts=small, products=cafe.products(), at=world.now) == len(small)
    assert query("SELECT count(*) FROM facts_fact") == [(len(small),)]
    assert query("SELECT count(*) FROM customers_consent") == words
    assert query("SELECT count(*) FROM customers_customer") == [(MEMBERS,)], "every order finds its member"
    assert query("SELECT count(*) FROM catalogue_product WHERE name <> ''") == [(28,)]
    world.assert_clean()


def test_the_past_win_back_is_done_and_measured(world: World, cafe: Camellia, settings: Any, tmp_path: Path) -> None:
    settings.LAKE_DIR = tmp_path
    ids = load_members(members=cafe.members, at=world.now)
    at = cafe.win_back_at + timedelta(hours=10)
    terms = Terms(OfferKind.AMOUNT_OFF, COUPON_MINOR, min_spend_minor=COUPON_LEAST_MINOR, days_valid=WINDOW_DAYS)
    plan = Plan(
        name=Text("回来坐坐", "Come back"), goal="win_back", channel="copy_list",
        content={"zh": Message("好久不见", "{{ name }}，{{ offer }}：{{ code }}")},
        segment_id=past_win_back.segment_of(preset="not_seen", at=at),
        offer_id=coupons.create(name=Text("满 20 减 10", "10 off 20"), terms=terms, actor="demo", at=at),
        held_out_percent=Decimal(30), window_days=WINDOW_DAYS,
    )  # fmt: skip
    then = picture(cafe, ids, tmp_path)
    campaign_id = past_win_back.begin(plan=plan, picture=then, day=cafe.win_back_on, by="demo", at=at)
    assert list(queue_campaign(campaign_id=campaign_id, clock=lambda: at))
    codes = past_win_back.hand_out(campaign_id=campaign_id, by="demo", at=at)
    again = past_win_back.hand_out(campaign_id=campaign_id, by="demo", at=at + timedelta(hours=1))
    left_alone = past_win_back.held_out(campaign_id=campaign_id)
    assert again == codes, "broken off, it can be asked again for whom it reached"
    assert len(codes) > 15
    assert len(left_alone) > 3
    assert not set(left_alone) & codes.keys()

    numbers = {customer_id: number for number, customer_id in ids.items()}
    cafe.write_to(
        treated={numbers[who]: code for who, code in codes.items()}, held_out=[numbers[who] for who in left_alone]
    )
    until = cafe.win_back_on + timedelta(days=WINDOW_DAYS)
    load_orders(facts=cafe.facts(since=cafe.win_back_on, until=until), products=(), at=world.now)
    told, truth = measure_campaign(campaign_id=campaign_id, at=world.now), cafe.truth()
    assert (told.treated, told.held_out) == (len(codes), len(left_alone))
    came = {member.number for member, visit in cafe.visits() if cafe.win_back_on <= visit.day < until}
    assert told.conversion.treated == pytest.approx(len(came & truth.treated) / len(truth.treated))
    assert told.conversion.held_out == pytest.approx(len(came & truth.held_out) / len(truth.held_out))
    used = coupon_queries.tally_of_offer(plan.offer_id or 0)
    assert (used.issued, used.uses > 0) == (len(codes), True)
    loaded = list(cafe.facts(since=cafe.win_back_on, until=until))
    back: Counter[str] = Counter()
    for fact in loaded:
        back[fact.subject or ""] += fact.amount or 0
    kept = [fact for fact in loaded if "coupons" in fact.body and back[fact.key] < (fact.amount or 0)]
    assert (used.uses, used.undone) == (len(kept), 0), "who had all their money back has their coupon back"
    assert coupon_queries.unmatched(since=at) == {}
    assert campaigns.campaign(campaign_id).state == "done"
