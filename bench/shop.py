"""A shop to look at: members who come and stay away as real ones do, and something on every page of the console.

Everything goes the way it goes in a real shop: orders and refunds are recorded, messages are sent, coupons redeemed.
Members buy at a pace of their own until they leave, over two years that end last week; the seed is fixed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.instance import ZONE, zone

CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", "50000"))
ORDERS = int(os.environ.get("BENCH_ORDERS", str(CUSTOMERS * 10)))
DAYS, PRODUCTS, STORES = 730, 500, 20
WIN_BACK_DAYS_AGO = 60
REDEEMED = 400
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英文华玉兰建国春梅"


def fill(folder: Path) -> None:
    """Everything from the first order to today's copy list, in an empty instance."""
    now = datetime.now(UTC)
    until = (now - timedelta(days=7)).replace(hour=0, minute=0, second=0, microsecond=0)
    for step in (orders, consents, win_back, picture, campaigns, imported, people_and_tags, books):
        begun = time.perf_counter()
        step(now=now, until=until, folder=folder)
        print(f"{step.__name__}: {time.perf_counter() - begun:.0f} s", file=sys.stderr)


def orders(*, now: datetime, until: datetime, **rest: Any) -> None:
    """Products, orders of two lines, and refunds of some."""
    from regulars.catalogue.actions import describe_products
    from regulars.flows.lanes import lanes_for
    from regulars.flows.record_facts import record_many
    from regulars.flows.settings import programme

    describe_products((f"SKU-{n}", f"Product {n}", f"Category {n % 12}", f"Brand {n % 40}") for n in range(PRODUCTS))
    policies, in_zone = programme()
    for _ in record_many(facts=_facts(until), policies=policies, zone=in_zone, at=now, lanes=lanes_for(ORDERS)):
        pass


def _facts(until: datetime) -> Iterator[Any]:
    """Orders in the order of time. Everybody has a phone and a name, two of three have an e-mail."""
    import numpy as np

    from regulars.facts.kinds import order_completed, order_refunded
    from regulars.facts.rules import Identity, IdentityKind, NewFact

    chance = np.random.default_rng(1)
    joined = chance.uniform(0, DAYS - 5, CUSTOMERS)
    left = np.minimum(DAYS, joined + chance.exponential(400, CUSTOMERS))
    eager = chance.gamma(0.8, 1, CUSTOMERS) * (left - joined)
    again = chance.choice(CUSTOMERS, ORDERS - CUSTOMERS, p=eager / eager.sum())
    who = np.concatenate([np.arange(CUSTOMERS), again])
    when = np.concatenate([joined, joined[again] + chance.random(len(again)) * (left - joined)[again]])
    # Open from nine to nine by the shop's clock, which is eight hours ahead of UTC.
    seconds = np.floor(when).astype(int) * 86_400 + 3_600 + ((when % 1) * 12 * 3_600).astype(int)
    names = chance.integers(0, (len(SURNAMES), len(GIVEN), len(GIVEN)), (CUSTOMERS, 3)).tolist()
    began = until - timedelta(days=DAYS)
    for place, index in enumerate(np.argsort(seconds)):
        number, at = int(who[index]), began + timedelta(seconds=int(seconds[index]))
        first, second, luck = (int(one) for one in chance.integers((500, 500, 0), (20_000, 9_000, 100)))
        name = "".join(letters[letter] for letters, letter in zip((SURNAMES, GIVEN, GIVEN), names[number], strict=True))
        known = [Identity(int(IdentityKind.PHONE), "", f"+86138{number:08d}")]
        if number % 3:
            known.append(Identity(int(IdentityKind.EMAIL), "", f"guest{number}@example.com"))
        lines = [("1", f"SKU-{first % PRODUCTS}", 1, first), ("2", f"SKU-{second % PRODUCTS}", 2, second)]
        body = order_completed.make_body(
            currency="CNY", paid=first + second, lines=lines, channel="online" if luck < 25 else "store",
            discount=second // 5 if luck % 4 == 0 else 0,
        )  # fmt: skip
        yield NewFact(
            "till", order_completed.CODE, f"O{place:09d}", at, body, tuple(known), amount=first + second,
            store=f"S{(number + place % 2) % STORES}", profile={"name": name},
        )  # fmt: skip
        if luck == 50:
            back = {"currency": "CNY", "lines": [["2", second]]}
            kind, key, later = order_refunded.CODE, f"R{place:09d}", at + timedelta(hours=30)
            yield NewFact("till", kind, key, later, back, subject=f"O{place:09d}", amount=second)


def consents(*, until: datetime, **rest: Any) -> None:
    """Whoever has an e-mail agreed to it once; one in twenty took that back."""
    from django.db import connection

    from regulars.core import bulk
    from regulars.customers.actions.consents import Word, record_consents

    rows = bulk.run(connection, "SELECT DISTINCT customer_id FROM customers_identity WHERE kind = 7 ORDER BY 1")
    began = until - timedelta(days=DAYS)
    for channel in ("email", "copy_list"):
        record_consents([Word(who, "promotion", channel, True, began, "import") for (who,) in rows])
        record_consents([Word(who, "promotion", channel, False, until, "import") for (who,) in rows if who % 20 == 1])


def win_back(*, now: datetime, until: datetime, **rest: Any) -> None:
    """A win-back by e-mail upon the picture of its day; some redeem their coupon, and it is measured."""
    from regulars.core.calendar import business_date
    from regulars.flows import past_win_back
    from regulars.flows.measure_campaign import measure_campaign
    from regulars.flows.redeem_coupons import redeem_coupon
    from regulars.flows.refresh_insight import look_back
    from regulars.flows.send_messages import send_messages
    from regulars.flows.start_campaign import queue_campaign
    from regulars.loyalty.coupons.rules import Guesser, GuesserKind

    at = until - timedelta(days=WIN_BACK_DAYS_AGO) + timedelta(hours=3)
    day = business_date(at, zone())
    segment_id = past_win_back.segment_of(preset="not_seen", at=at)
    made = look_back(day=day)
    plan = _plan("Come back", "email", segment_id, at)
    campaign_id = past_win_back.begin(plan=plan, picture=made.folder, day=day, by="bench", at=at)
    for _ in queue_campaign(campaign_id=campaign_id, clock=lambda: at):
        pass
    send_messages(clock=lambda: at)
    for place, code in enumerate(_codes(REDEEMED)):
        later = at + timedelta(days=1 + place % 20)
        redeem_coupon(
            code=code, guesser=Guesser(GuesserKind.STAFF, 1), key=f"bench:{place}", zone=zone(), at=later,
            spend_minor=80_00,
        )  # fmt: skip
    measure_campaign(campaign_id=campaign_id, at=now)


def _codes(most: int) -> list[str]:
    from django.db import connection

    from regulars.core import bulk

    rows = bulk.run(connection, "SELECT code FROM loyalty_coupon ORDER BY id LIMIT %s", [most])
    return [row[0] for row in rows]


def _plan(name: str, channel: str, segment_id: int, at: datetime) -> Any:
    from regulars.core.bilingual import Text
    from regulars.loyalty.coupons import actions as coupons
    from regulars.loyalty.coupons.rules import OfferKind, Terms
    from regulars.outreach.campaigns.rules import Message, Plan

    terms = Terms(OfferKind.AMOUNT_OFF, value=1_000, min_spend_minor=3_000, days_valid=30)
    offer_id = coupons.create(name=Text("满 30 减 10", "10 off 30"), terms=terms, actor="bench", at=at)
    content = {
        "zh": Message("好久不见", "{{ name }}，送你一张券：{{ offer }}，券码 {{ code }}，{{ expires }} 前有效。"),
        "en": Message("We miss you", "{{ name }}, for you: {{ offer }}. Your code is {{ code }}, until {{ expires }}."),
    }
    return Plan(
        name=Text("", name), goal="win_back", channel=channel, content=content, segment_id=segment_id, offer_id=offer_id
    )


def picture(*, now: datetime, **rest: Any) -> None:
    """The picture of today, who is given to whom because of it, and who may be one person."""
    from regulars.customers.actions import propose_duplicates
    from regulars.flows.raise_alerts import raise_alerts
    from regulars.flows.refresh_insight import refresh_insight
    from regulars.flows.settings import picture_day

    refresh_insight(day=picture_day(now), clock=lambda: datetime.now(UTC))
    raise_alerts(zone=zone(), at=now)
    propose_duplicates(at=now)


def campaigns(*, now: datetime, **rest: Any) -> None:
    """One campaign by hand with names on the copy list, and a draft."""
    from regulars.flows import past_win_back
    from regulars.flows.copy_list import show_next
    from regulars.flows.start_campaign import queue_campaign
    from regulars.insight import queries as insight
    from regulars.outreach.campaigns import actions

    shown, at = insight.picture(), now.replace(hour=4)  # noon at the shop
    assert shown is not None
    segment_id = past_win_back.segment_of(preset="may_leave", at=now)
    plan = _plan("Stay with us", "copy_list", segment_id, at)
    campaign_id = past_win_back.begin(plan=plan, picture=shown.file.parent, day=shown.day, by="bench", at=at)
    for _ in queue_campaign(campaign_id=campaign_id, clock=lambda: at):
        pass
    show_next(at=at, campaign_id=campaign_id)
    came_once = past_win_back.segment_of(preset="came_once", at=now)
    actions.create(plan=_plan("Come again", "email", came_once, at), actor="bench", at=now)


def imported(*, until: datetime, folder: Path, **rest: Any) -> None:
    """A file of orders with one bad row, by the command."""
    file = folder / "orders.csv"
    rows = [f"I{n},138{n:08d},{until:%Y-%m-%d} 12:00,P{n % PRODUCTS},1,{n % 90 + 10}" for n in range(200)]
    file.write_text("\n".join(["order_id,phone,ordered_at,sku,quantity,amount", *rows, "I200,?,soon,P1,1,1"]))
    regulars = Path(sys.executable).with_name("regulars")
    told = ["--source", "web shop", "--timezone", ZONE, "--yes", "--json"]
    subprocess.run([regulars, "import", "orders", file, *told], check=False, stdout=subprocess.DEVNULL)


def people_and_tags(*, now: datetime, **rest: Any) -> None:
    """A tag that hangs on some, a colleague, a key, and points given by hand."""
    from regulars.core.bilingual import Text
    from regulars.insight.tags import actions as tags
    from regulars.staff import actions as staff
    from regulars.staff.rules import SYSTEM

    tag_id = tags.create(name=Text("", "Likes tea"), actor="bench", at=now)
    tags.give(tag_id=tag_id, customer_ids=range(1, 300), actor="bench", at=now)
    staff.create_user(email="till@example.com", role="cashier", name="Till", language="en", by=SYSTEM, at=now)
    staff.create_api_key(name="Till", scopes=["facts.write"], by=SYSTEM, at=now)


def books(*, now: datetime, **rest: Any) -> None:
    """What a night does: what came due, yesterday closed, the books verified."""
    from django.db import connection

    from regulars.core.calendar import business_date, days_before
    from regulars.flows.settings import programme
    from regulars.flows.settle_due import settle_due
    from regulars.flows.verify_books import verify_books
    from regulars.ledger.actions import close_day

    for _ in settle_due(at=now):
        pass
    close_day(day=days_before(business_date(now, zone()), 1))
    for _ in verify_books(policies=programme()[0], at=now):
        pass
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as the database does by itself within minutes
