"""A small business with its books in the database: told facts and commands, and looked at by names instead of ids."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from time import sleep
from typing import Any

from django.db import connection, transaction

from regulars.core.calendar import zone
from regulars.customers.identities import Identity, IdentityKind
from regulars.facts.kinds import custom, order_cancelled, order_completed, order_refunded
from regulars.facts.rules import Answer, NewFact
from regulars.flows.command_points import command_points
from regulars.flows.merge_customers import merge_customers, undo_merge
from regulars.flows.record_facts import record_facts
from regulars.flows.settle_due import settle_due
from regulars.ledger.rules import Currency
from regulars.loyalty import queries as loyalty
from regulars.loyalty.actions import Receipt, launch
from regulars.loyalty.rules import ItemKind, Policies, preset_terms
from regulars.loyalty.verification import Report, verify

SHANGHAI = zone("Asia/Shanghai")
START = datetime(2000, 1, 1, tzinfo=SHANGHAI)
TABLES = (
    "facts_fact", "facts_import", "facts_stagedfact", "customers_customer", "customers_identity", "customers_merge",
    "customers_duplicateproposal", "ledger_lot", "ledger_transfer", "ledger_wallet", "loyalty_command",
    "loyalty_standing", "loyalty_tierinterval", "loyalty_usedlimit",
)  # fmt: skip

RULES: dict[str, Any] = {
    "rules": [
        {"code": "sunday", "if": {"field": "weekday", "op": "in", "value": [7]},
         "then": {"kind": "multiply", "percent": 250}, "limits": [{"period": "month", "most": 900}]},
        {"code": "silver", "if": {"field": "tier", "op": "in", "value": ["silver", "gold", "black"]},
         "then": {"kind": "multiply", "percent": 150}, "group": "tier"},
        {"code": "back", "if": {"any": [{"field": "first_order", "op": "is", "value": True},
                                        {"field": "days_since_last", "op": "gt", "value": 20}]},
         "then": {"kind": "fixed", "amount": 20}, "limits": [{"period": "year", "most": 2, "counts": "times"}]},
        {"code": "sku", "then": {"kind": "per_item", "amount": 3, "products": ["sku"]}},
        {"code": "grow", "earns": "growth", "if": {"field": "orders_before", "op": "ge", "value": 3},
         "then": {"kind": "multiply", "percent": 130}, "limits": [{"period": "order", "most": 100}]},
        {"code": "in", "on": "Checked In", "then": {"kind": "fixed", "amount": 5},
         "limits": [{"period": "week", "most": 1, "counts": "times"}]},
    ],
    "caps": [{"period": "week", "most": 2500, "by_tier": {"gold": 9000}}],
}  # fmt: skip
"""A version whose rules ask about everything that the fold knows: the day, the lines, the tier, what came before."""

STARS: dict[str, Any] = {
    **RULES,
    "rules": [
        *RULES["rules"],
        {"code": "star", "earns": "stars", "then": {"kind": "per_amount", "minor": 30_00},
         "limits": [{"period": "day", "most": 4}]},
        {"code": "star sku", "earns": "stars", "then": {"kind": "per_item", "amount": 1, "products": ["sku"]}},
    ],
    "currencies": [
        {"code": "stars", "names": {"zh": "星星", "en": "stars", "one": "star"}, "pending_days": {"online": 4},
         "expiry": "rolling", "expiry_months": 4, "restore_days": 6, "caps": [{"period": "week", "most": 10}]},
    ],
}  # fmt: skip
"""The same, with a currency of the programme's own: at most four stars a day for money, and ten a week in all."""

KEEPING = {"window": "calendar_year", "held": "months", "months": 3, "grace_days": 20, "one_step": True}


def when(text: str) -> datetime:
    """A local time in Shanghai: '2024-03-01 10:00'."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def member(number: str) -> Identity:
    """The identity of a member number."""
    return Identity(IdentityKind.MEMBER_NUMBER, "", number)


def order(
    key: str, who: str | Sequence[Identity], at: datetime, amount: int, *, lines: Sequence[int] = (),
    channel: str = "store", source: str = "till", paid: int | None = None,
) -> NewFact:  # fmt: skip
    """An order in minor units."""
    told: list[list[str | int]] = [[str(place), "sku", 1, line] for place, line in enumerate(lines, start=1)]
    body = order_completed.make_body(
        currency="CNY", paid=amount if paid is None else paid, lines=told, channel=channel,
        freight=0 if paid is None else paid - amount,
    )  # fmt: skip
    return NewFact(
        source, order_completed.CODE, key, at, body, _identities(who), amount=amount if paid is None else paid
    )


def event(key: str, who: str | Sequence[Identity], at: datetime, name: str, *, source: str = "till") -> NewFact:
    """A check-in or whatever else happens that is no order."""
    return NewFact(source, custom.CODE, key, at, {"properties": {}, "event": name}, _identities(who))


def refund(
    key: str, of: str, at: datetime, amount: int | None = None, *, lines: Sequence[tuple[int, int]] = (),
    who: str | Sequence[Identity] = (), source: str = "till",
) -> NewFact:  # fmt: skip
    """Money back for an order: all of it, an amount, or lines."""
    body = {"currency": "CNY", "lines": [[str(line), back] for line, back in lines]}
    return NewFact(source, order_refunded.CODE, key, at, body, _identities(who), subject=of, amount=amount)


def cancel(key: str, of: str, at: datetime, *, who: str | Sequence[Identity] = (), source: str = "till") -> NewFact:
    """An order that was never made after all."""
    return NewFact(source, order_cancelled.CODE, key, at, {}, _identities(who), subject=of)


def _identities(who: str | Sequence[Identity]) -> tuple[Identity, ...]:
    return (member(who),) if isinstance(who, str) else tuple(who)


class World:
    """The books and those who write them. `at` is the moment of recording: by default, when all has happened."""

    def __init__(
        self, now: str = "2026-06-01 12:00", terms: Sequence[tuple[str, dict[str, Any]]] = (),
        time_zone: str = "Asia/Shanghai",
    ) -> None:  # fmt: skip
        self.now = when(now)
        self.zone = zone(time_zone)
        launch(terms=preset_terms(2), live_from=START, time_zone=time_zone, actor="test", at=START)
        for live_from, changed in terms:
            new = {**preset_terms(2), **changed}
            launch(terms=new, live_from=when(live_from), time_zone=time_zone, actor="test", at=when(live_from))
        self.policies: Policies
        self.learn()

    def learn(self) -> None:
        """Read the programme's versions again."""
        self.policies = loyalty.policies(self.zone)

    def tell(self, *facts: NewFact, at: datetime | None = None) -> list[Answer]:
        return record_facts(facts=facts, policies=self.policies, zone=self.zone, at=at or self.now)

    def command(
        self, kind: ItemKind, who: str | int, points: int, key: str, *, refers_to: int | None = None,
        at: datetime | None = None, currency: int = Currency.POINTS,
    ) -> Receipt:  # fmt: skip
        return command_points(
            kind=kind, customer_id=who if isinstance(who, int) else self.customer(who), amount=points, key=key,
            at=at or self.now, policies=self.policies, refers_to=refers_to, currency=currency,
        )  # fmt: skip

    def merge(self, child: str, parent: str) -> int:
        """Merge two members; returns the merge's id."""
        merge_customers(
            child_id=self.customer(child), parent_id=self.customer(parent), actor="test", policies=self.policies,
            at=self.now,
        )  # fmt: skip
        return int(query("SELECT max(id) FROM customers_merge")[0][0])

    def undo(self, merge_id: int) -> None:
        undo_merge(merge_id=merge_id, actor="test", policies=self.policies, at=self.now)

    def settle(self) -> int:
        return sum(1 for _ in settle_due(at=self.now))

    def verify(self) -> Report:
        *_, report = verify(policies=self.policies, at=self.now)
        return report

    def assert_clean(self) -> None:
        """`verify` finds no difference, and every account and lot is what its transfers add up to."""
        report = self.verify()
        assert report.clean, report.differences

    def customer(self, who: str) -> int:
        found = query("SELECT customer_id FROM customers_identity WHERE kind = 1 AND value = %s", [who])
        return int(found[0][0])

    def wallet(self, who: str) -> dict[str, int]:
        """(pending, available, held, debt) and growth of one customer, alone."""
        rows = query(
            "SELECT currency, pending, available, held, debt, earned FROM ledger_wallet WHERE customer_id = %s",
            [self.customer(who)],
        )
        points = next((row[1:5] for row in rows if row[0] == 1), (0, 0, 0, 0))
        growth = next((row[5] for row in rows if row[0] == 2), 0)
        return {**dict(zip(("pending", "available", "held", "debt"), points, strict=True)), "growth": growth}

    def tiers(self, who: str) -> list[tuple[int, str, str | None]]:
        """Tier intervals of the customer who stands for this one's group."""
        return [
            (row[0], str(row[1]), str(row[2]) if row[2] else None)
            for row in query(
                """SELECT t.tier, t.from_date, t.to_date FROM loyalty_tierinterval t
                   JOIN customers_customer c ON c.canonical_id = t.customer_id WHERE c.id = %s ORDER BY 2""",
                [self.customer(who)],
            )
        ]


@contextmanager
def world(now: str = "2026-06-01 12:00", terms: Sequence[tuple[str, dict[str, Any]]] = ()) -> Iterator[World]:
    """A world that is gone afterwards, so that many can live in one test."""
    with transaction.atomic():
        yield World(now, terms)
        connection.check_constraints()
        transaction.set_rollback(True)


def query(statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Rows of a plain query."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))
        return list(cursor.fetchall())


def settled() -> None:
    """Wait until nobody writes: the feed and the lake read below the oldest transaction of the server, also one that
    an earlier test left to end by itself."""
    for _ in range(1000):
        if query("SELECT pg_snapshot_xmin(s) = pg_snapshot_xmax(s) FROM pg_current_snapshot() s") == [(True,)]:
            return
        sleep(0.01)
    raise AssertionError("Somebody writes all the time.")


def counts() -> dict[str, int]:
    """How many rows every table of the books has."""
    return {table: query(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


class Names:
    """What rows are called independent of their ids, so that two worlds can be compared."""

    def __init__(self) -> None:
        members = defaultdict(list)
        for customer_id, value in query("SELECT customer_id, value FROM customers_identity ORDER BY kind, value"):
            members[customer_id].append(value)
        self.customers = {customer_id: "+".join(values) for customer_id, values in members.items()}
        self.groups: dict[int, str] = {}
        groups = defaultdict(list)
        for customer_id, canonical_id in query("SELECT id, canonical_id FROM customers_customer"):
            groups[canonical_id].append(self.customers.get(customer_id, "nobody"))
        for canonical_id, found in groups.items():
            self.groups[canonical_id] = " & ".join(sorted(found))
        facts = "SELECT f.id, s.name, f.kind, f.key FROM facts_fact f JOIN facts_source s ON s.id = f.source_id"
        self.origins = {(1, row[0]): f"{row[1]} {row[2]} {row[3]}" for row in query(facts)}
        self.origins |= {(2, row[0]): f"command {row[1]}" for row in query("SELECT id, key FROM loyalty_command")}


def state() -> dict[str, Any]:
    """Everything that must be the same however the facts came: awards and every other move netted, lots, balances,
    tiers, and where each fold stands. Ids and the moments of recording are left out."""
    names = Names()
    lots = {}
    lot_names = {}
    for row in query(
        """SELECT id, customer_id, origin_kind, origin_id, ordinal, issued, remaining, held, used, expired, revoked,
                  matured, effective_at, expires_at, currency FROM ledger_lot"""
    ):
        lot_names[row[0]] = f"{names.origins[row[2], row[3]]} #{row[4]}" + (f" in {row[14]}" if row[14] != 1 else "")
        if row[5]:
            # Whether a lot has matured shows only in what remains of it; the nightly job passes empty ones by.
            matured = row[11] if row[6] else None
            lots[lot_names[row[0]]] = (names.customers[row[1]], *row[5:11], matured, *row[12:14])
    moves: dict[tuple[Any, ...], int] = defaultdict(int)
    for customer_id, currency, kind, origin, purpose, lot, source, target, amount in query(
        """SELECT customer_id, currency, origin_kind, origin_id, purpose, lot_id, source, target, amount
           FROM ledger_transfer"""
    ):
        low, high = min(source, target), max(source, target)
        key = (
            names.customers[customer_id], currency, names.origins[kind, origin], purpose, lot_names.get(lot), low, high
        )  # fmt: skip
        moves[key] += amount if source < target else -amount
    wallets = {
        (names.customers[row[0]], row[1]): row[2:]
        for row in query("SELECT customer_id, currency, pending, available, held, debt, earned FROM ledger_wallet")
        if any(row[2:])
    }
    tiers = defaultdict(list)
    for customer_id, *interval in query(
        "SELECT customer_id, tier, from_date, to_date FROM loyalty_tierinterval ORDER BY 1, 3"
    ):
        tiers[names.groups[customer_id]].append(tuple(interval))
    standings = {
        names.groups[canonical_id]: (
            standing.last[0],
            standing.last[2],
            standing.growth,
            standing.whole,
            standing.purchases,
            standing.frozen,
        )
        for canonical_id, standing in loyalty.standings(list(names.groups)).items()
    }
    return {
        "moves": {key: amount for key, amount in moves.items() if amount},
        "lots": lots,
        "wallets": wallets,
        "tiers": dict(tiers),
        "standings": standings,
    }


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Where two states differ, in words."""
    return [
        f"{part} of {name}: {one[part].get(name)} is not {other[part].get(name)}"
        for part in one
        for name in sorted(one[part].keys() | other[part].keys(), key=str)
        if one[part].get(name) != other[part].get(name)
    ]
