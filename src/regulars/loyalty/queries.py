"""Reading the programme and what the fold needs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from struct import Struct, pack
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.db import connection

from regulars.core import bulk
from regulars.core.bilingual import Text
from regulars.core.calendar import zone as zone_named
from regulars.customers import queries as customers
from regulars.facts import queries as facts
from regulars.facts.rules import Body
from regulars.loyalty import inputs
from regulars.loyalty.budgets import by_fact, shares_of
from regulars.loyalty.coupons.offers import name_of
from regulars.loyalty.currencies import POINTS
from regulars.loyalty.earning.rules import Period, Used
from regulars.loyalty.memos import Purchases
from regulars.loyalty.models import Command, PolicyVersion, Verification
from regulars.loyalty.rules import COMMAND_SOURCE, Grant, InvalidPolicy, Item, ItemKind, Policies, Policy, TakenOver
from regulars.loyalty.tiers import Interval

_GROWTH = Struct("<iq")

LAKE_TIERS = "SELECT customer_id, tier, from_date, to_date FROM loyalty_tierinterval"
"""For the lake: who was in which tier from when to when."""
COMMAND_OF_FOLD = """k.kind, k.id, k.customer_id, k.at, k.business_date, k.amount, k.refers_to_id,
  g.tier, g.from_date, g.until_date, k.currency
  FROM loyalty_command k LEFT JOIN loyalty_tiergrant g ON g.command_id = k.id"""
"""What `command_item` takes of a command."""


def used_limits(canonical_ids: Sequence[int]) -> dict[int, Used]:
    """What these customers have used of earning limits in periods that go on."""
    rows = bulk.run(
        connection,
        """SELECT customer_id, code, period, first_day, amount FROM loyalty_usedlimit
           WHERE customer_id = ANY(%b::bigint[])""",
        [bulk.Column("bigint", list(canonical_ids))],
    )
    found: dict[int, Used] = {}
    for customer_id, code, period, first_day, amount in rows:
        found.setdefault(customer_id, {})[code, Period(period), first_day] = amount
    return found


@dataclass(slots=True)
class Standing:
    """Where a fold stands: the last position, growth inside the window, and purchases.

    `whole`: the next fact needs more than this, so the whole history is folded again. `frozen`: so is the account.
    """

    last: tuple[datetime, int, str]
    growth: list[tuple[date, int]]
    whole: bool
    purchases: Purchases
    frozen: bool = False


def policies(zone: ZoneInfo) -> Policies:
    """Every version of the programme; one that does not name its own zone follows the given one.

    Raises:
        InvalidPolicy: There is none yet.
    """
    found = bulk.run(
        connection, "SELECT number, live_from, md5(terms::text) FROM loyalty_policyversion ORDER BY live_from"
    )
    if not found:
        raise InvalidPolicy("The programme is not set up yet.")
    return _policies(tuple(found), zone)


@lru_cache(maxsize=32)
def _policies(versions: tuple[tuple[int, datetime, str], ...], zone: ZoneInfo) -> Policies:
    """Versions never change, so they are read once a process: twenty rules take longer to read than to ask."""
    rows = PolicyVersion.objects.values_list("number", "terms")
    terms = dict(rows.filter(number__in=[number for number, _, _ in versions]))
    return Policies(
        [
            (
                live_from,
                Policy.from_terms(
                    number,
                    terms[number],
                    zone_named(terms[number]["time_zone"]) if "time_zone" in terms[number] else zone,
                ),
            )
            for number, live_from, _ in versions
        ]
    )


def standings(canonical_ids: Sequence[int]) -> dict[int, Standing]:
    """Where the folds of these customers stand; who has no order yet is left out."""
    rows = bulk.run(
        connection,
        """SELECT customer_id, last_at, last_source, last_key, growth, whole,
                  orders, spent, first_order_at, last_order_at, frozen
           FROM loyalty_standing WHERE customer_id = ANY(%b::bigint[])""",
        [bulk.Column("bigint", list(canonical_ids))],
    )
    return {row[0]: _standing(row) for row in rows}


ALONE = """
SELECT s.customer_id, s.last_at, s.last_source, s.last_key, s.growth, s.whole, s.orders, s.spent, s.first_order_at,
       s.last_order_at, s.frozen,
       (SELECT json_agg(json_build_array(u.code, u.period, u.first_day, u.amount))::text
        FROM loyalty_usedlimit u WHERE u.customer_id = s.customer_id)
FROM loyalty_standing s
WHERE s.customer_id = %s
  AND NOT EXISTS (SELECT 1 FROM customers_customer c WHERE c.canonical_id = s.customer_id AND c.id <> s.customer_id)
"""


def ask_stands_alone(customer_id: int) -> Callable[[], tuple[Standing, Used] | None]:
    """Where the fold of somebody stands with whom nobody is merged, and what they have used of earning limits."""
    return bulk.ask(connection, ALONE, [customer_id], read=_stands_alone)


def _stands_alone(rows: Sequence[Sequence[Any]]) -> tuple[Standing, Used] | None:
    if not rows:
        return None
    used = orjson.loads(rows[0][11] or "[]")
    return _standing(rows[0]), {
        (code, Period(period), date.fromisoformat(first)): amount for code, period, first, amount in used
    }


def _standing(row: Sequence[Any]) -> Standing:
    return Standing((row[1], row[2], row[3]), unpack_growth(row[4]), row[5], Purchases(*row[6:10]), row[10])


def pack_growth(growth: Sequence[tuple[date, int]]) -> bytes:
    """(day, amount) pairs as bytes: the day's proleptic number in 4, the amount in 8, little-endian."""
    flat = [0] * (2 * len(growth))
    flat[::2] = [day.toordinal() for day, _ in growth]
    flat[1::2] = [amount for _, amount in growth]
    return pack("<" + "iq" * len(growth), *flat)


def unpack_growth(packed: bytes) -> list[tuple[date, int]]:
    """The pairs that `pack_growth` packed."""
    day = date.fromordinal
    return [(day(number), amount) for number, amount in _GROWTH.iter_unpack(packed)]


def tier_intervals(canonical_ids: Sequence[int]) -> dict[int, list[Interval]]:
    """Kept tier intervals of these customers, oldest first."""
    rows = bulk.run(
        connection,
        """SELECT customer_id, tier, from_date, to_date FROM loyalty_tierinterval
           WHERE customer_id = ANY(%b::bigint[]) ORDER BY customer_id, from_date""",
        [bulk.Column("bigint", list(canonical_ids))],
    )
    found: dict[int, list[Interval]] = {}
    for customer_id, tier, from_date, to_date in rows:
        found.setdefault(customer_id, []).append(Interval(tier, from_date, to_date))
    return found


def histories(canonical_ids: Iterable[int], policies: Policies) -> tuple[dict[int, int], dict[int, list[Item]]]:
    """Everybody in these groups (customer → canonical), and each group's whole history in order.

    Events stand in it where the version that was live then rewards them.
    """
    groups = customers.members(canonical_ids)
    items: dict[int, list[Item]] = {canonical: [] for canonical in groups.values()}
    for fact in facts.of_customers(list(groups), policies.rewarded):
        item = item_of_fact(fact)
        if not item.event or item.event in policies.at(item.at).earning:
            items[groups[fact.customer_id]].append(item)
    rows = bulk.run(
        connection,
        f"SELECT {COMMAND_OF_FOLD} WHERE k.customer_id = ANY(%b::bigint[])",
        [bulk.Column("bigint", list(groups))],
    )
    for row in rows:
        items[groups[row[2]]].append(command_item(*row))
    if policies.budgeted:
        share_out(items, by_fact(shares_of(list(groups))))
    if policies.asks_members:
        inputs.put_in(items, inputs.kept_of(list(groups)))
    for history in items.values():
        # Sources may give an order and its refund the same number and instant; the kind keeps every fold the same.
        history.sort(key=lambda item: (*item.position, item.kind))
    return groups, items


def share_out(histories: Mapping[int, Sequence[Item]], shares: Mapping[int, dict[str, int]]) -> None:
    """Tell items what they were given of rules' budgets."""
    for history in histories.values():
        for item in history:
            if item.origin_id in shares and item.source != COMMAND_SOURCE:
                item.shares = shares[item.origin_id]


def without_commands(customer_ids: Sequence[int]) -> list[int]:
    """Those of these customers for whom nothing was ever commanded."""
    known = Command.objects.filter(customer_id__in=customer_ids).values_list("customer_id", flat=True)
    return sorted(set(customer_ids) - set(known))


def command_item(
    kind: int, command_id: int, customer_id: int, at: datetime, day: date, amount: int, refers_to: int | None,
    tier: str | None = None, from_day: date | None = None, until_day: date | None = None, currency: int = POINTS,
) -> Item:  # fmt: skip
    """A recorded command as an item of its customer's history; a given tier with its days."""
    key = f"{command_id:020d}"
    grant = Grant(tier, from_day, until_day) if tier and from_day else None
    return Item(
        kind, command_id, customer_id, at, day, COMMAND_SOURCE, key, amount, refers_to=refers_to, grant=grant,
        currency=currency,
    )  # fmt: skip


def item_of_fact(fact: facts.StoredFact) -> Item:
    """A kept fact as an item of its customer's history."""
    if fact.kind == ItemKind.ORDER:
        return order_item(
            fact.id, fact.customer_id, fact.occurred_at, fact.day, fact.source_id, fact.key, fact.amount or 0,
            fact.body, fact.store_id,
        )  # fmt: skip
    if fact.kind == ItemKind.TAKEN_OVER:
        return taken_item(
            fact.id, fact.customer_id, fact.occurred_at, fact.day, fact.source_id, fact.key, fact.body
        )  # fmt: skip
    if fact.kind not in (ItemKind.REFUND, ItemKind.CANCEL):
        return event_item(
            fact.id, fact.customer_id, fact.occurred_at, fact.day, fact.source_id, fact.key, fact.kind, fact.body,
            fact.store_id,
        )  # fmt: skip
    return Item(
        fact.kind, fact.id, fact.customer_id, fact.occurred_at, fact.day, fact.source_id, fact.key, fact.amount,
        lines=tuple((line[0], line[1]) for line in fact.body.get("lines", ())), subject=fact.subject or "",
    )  # fmt: skip


def taken_item(
    fact_id: int, customer_id: int, at: datetime, day: date, source: int, key: str, body: Body
) -> Item:  # fmt: skip
    """A balance of another programme as an item: of points, of growth, or a tier; a coupon is nothing to the fold."""
    told = {name: date.fromisoformat(body[name]) for name in ("expires_on", "earned_on", "until") if name in body}
    balance = str(body["balance"])
    until = told.get("until")
    grant = Grant(body["tier"], day, until and until + timedelta(days=1)) if balance == "tier" else None
    taken = TakenOver(balance, told.get("expires_on"), told.get("earned_on"), bool(body.get("replaces")))
    return Item(
        ItemKind.TAKEN_OVER, fact_id, customer_id, at, day, source, key, body.get("amount"), grant=grant, taken=taken
    )


def event_item(
    fact_id: int, customer_id: int, at: datetime, day: date, source: int, key: str, kind: int, body: Body,
    store: int | None = None,
) -> Item:  # fmt: skip
    """A check-in, a review or another event as an item; what it says is never asked, so every rating earns the same."""
    name = facts.event_name(kind, body)
    return Item(kind, fact_id, customer_id, at, day, source, key, event=name, store=store)


def order_item(
    fact_id: int, customer_id: int, at: datetime, day: date, source: int, key: str, paid: int, body: Body,
    store: int | None = None,
) -> Item:  # fmt: skip
    """An order as an item; one whose lines are all free counts as a single line."""
    told = body["lines"]
    lines = tuple([(line[0], line[3]) for line in told])
    if not any(amount for _, amount in lines):
        lines = (("1", body["base"]),)
    return Item(
        ItemKind.ORDER, fact_id, customer_id, at, day, source, key, body["base"], paid, body["channel"], lines,
        store=store, goods=told,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CommandView:
    """A command as a person reads it; `amount` in its currency, `refers_to` the command that it continues.

    `reward` names what was claimed with it, or whose claim it gave back; None for every other command.
    """

    id: int
    kind: int
    customer_id: int
    amount: int
    at: datetime
    actor: str
    note: str
    refers_to: int | None
    currency: int = POINTS
    reward: Text | None = None


COMMANDS = """
SELECT k.id, k.kind, k.customer_id, k.amount, k.at, k.actor, k.note, k.refers_to_id, k.currency,
       v.names ->> 'zh', v.names ->> 'en'
FROM loyalty_command k LEFT JOIN loyalty_rewardclaim w ON w.command_id = coalesce(k.refers_to_id, k.id)
LEFT JOIN loyalty_rewardversion v ON v.id = w.version_id
"""


def commands_by_ids(command_ids: Sequence[int]) -> dict[int, CommandView]:
    """These commands by id."""
    rows = bulk.run(
        connection, f"{COMMANDS} WHERE k.id = ANY(%b::bigint[])", [bulk.Column("bigint", sorted(set(command_ids)))]
    )
    return {row[0]: _command(row) for row in rows}


def commands_of(canonical_id: int, *, most: int, before: tuple[datetime, int] | None = None) -> list[CommandView]:
    """A customer's commands (the whole group's), newest first; a page goes on before (at, id)."""
    at, command_id = before or (None, None)
    rows = bulk.run(
        connection,
        f"""{COMMANDS} JOIN customers_customer c ON c.id = k.customer_id
            WHERE c.canonical_id = %s AND (%s::timestamptz IS NULL OR (k.at, k.id) < (%s, %s))
            ORDER BY k.at DESC, k.id DESC LIMIT %s""",
        [canonical_id, at, at, command_id, most],
    )
    return [_command(row) for row in rows]


def _command(row: Sequence[Any]) -> CommandView:
    values = [*row[:9], name_of(row[9:11]) if any(row[9:11]) else None]
    return CommandView(*values)


@dataclass(frozen=True, slots=True)
class Verified:
    """The last run of `verify`: when, whether everything agreed, counts of what was checked, and what differed."""

    at: datetime
    clean: bool
    checked: dict[str, int]
    due: int
    differences: list[str]


def last_verification() -> Verified | None:
    """The last run of `verify`, None before the first."""
    row = Verification.objects.order_by("-at").values_list("at", "agrees", "checked", "due", "differences").first()
    return Verified(*row) if row else None


def has_programme() -> bool:
    """Whether a version of the programme was ever put live."""
    return PolicyVersion.objects.exists()
