"""Somebody who hears everything that is told to the books, asks the simple model, and compares."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

from regulars.core import bulk
from regulars.facts.actions import ensure_source
from regulars.facts.rules import Answer, NewFact
from regulars.ledger import statements
from regulars.loyalty.actions import Receipt
from regulars.loyalty.rules import ItemKind
from tests.flows.model import Group
from tests.flows.model_earning import Given, Programme
from tests.flows.model_parts import Said
from tests.flows.world import SHANGHAI, World, query

COMMANDS = 2_000_000_000
COMMAND = "SELECT kind, customer_id, amount, at, refers_to_id FROM loyalty_command"
STARS = 11
LOOK = """
WITH known AS (
  SELECT c.canonical_id AS id, greatest(%s::timestamptz, s.last_at) AS at, coalesce(s.frozen, false) AS frozen
  FROM customers_customer c LEFT JOIN loyalty_standing s ON s.customer_id = c.canonical_id WHERE c.id = %s
), members AS (SELECT c.id FROM customers_customer c JOIN known ON c.canonical_id = known.id), lots AS (
  SELECT sum(l.remaining) FILTER (WHERE l.currency = 1 AND (l.effective_at > k.at OR l.frozen)) AS pending,
         sum(l.remaining) FILTER (WHERE l.currency = 1 AND l.effective_at <= k.at AND NOT l.frozen) AS available,
         sum(l.remaining) FILTER (WHERE l.currency = 11 AND (l.effective_at > k.at OR l.frozen)) AS star_pending,
         sum(l.remaining) FILTER (WHERE l.currency = 11 AND l.effective_at <= k.at AND NOT l.frozen) AS star_available
  FROM ledger_lot l JOIN members m ON m.id = l.customer_id CROSS JOIN known k
  WHERE l.expires_at IS NULL OR l.expires_at > k.at
), wallets AS (
  SELECT coalesce(sum(w.held) FILTER (WHERE w.currency = 1), 0)::bigint AS held,
         coalesce(-sum(w.debt) FILTER (WHERE w.currency = 1), 0)::bigint AS owed,
         coalesce(sum(w.earned) FILTER (WHERE w.currency = 2), 0)::bigint AS growth,
         coalesce(sum(w.held) FILTER (WHERE w.currency = 11), 0)::bigint AS star_held,
         coalesce(-sum(w.debt) FILTER (WHERE w.currency = 11), 0)::bigint AS star_owed
  FROM ledger_wallet w JOIN members m ON m.id = w.customer_id
)
SELECT k.id, k.at, k.frozen, coalesce(pending, 0)::bigint, coalesce(available, 0)::bigint, held, owed, growth,
  coalesce(star_pending, 0)::bigint, coalesce(star_available, 0)::bigint, star_held, star_owed, ARRAY(
    SELECT coalesce(t.tier, 0) FROM unnest(array_prepend((k.at AT TIME ZONE 'Asia/Shanghai')::date, %b::date[]))
      WITH ORDINALITY AS d (day, place)
    LEFT JOIN loyalty_tierinterval t ON t.customer_id = k.id AND t.from_date <= d.day
      AND (t.to_date IS NULL OR d.day < t.to_date) ORDER BY d.place
  ) FROM known k CROSS JOIN lots CROSS JOIN wallets
"""
LOTS = """
SELECT CASE l.currency WHEN 1 THEN 'points' ELSE 'stars' END, l.origin_kind, l.origin_id, l.ordinal, l.remaining
FROM ledger_lot l JOIN customers_customer c
  ON c.id = l.customer_id WHERE c.canonical_id = %s AND l.remaining > 0
"""


class Witness:
    """What was told so far, by whom it is about; `up` says who was merged into whom."""

    def __init__(self, world: World, versions: Sequence[tuple[datetime, dict[str, Any]]]) -> None:
        self.world = world
        self.versions = list(versions)
        self.programme = Programme(self.versions)
        self.facts: dict[tuple[str, int, str], Said] = {}
        self.commands: list[Said] = []
        self.up: dict[str, str] = {}
        self.names: dict[int, str] = {}
        self.ids: dict[str, int] = {}

    def hear(self, facts: Sequence[NewFact], answers: Sequence[Answer]) -> set[str]:
        """Facts that were recorded; returns whom they are about."""
        heard: set[str] = set()
        for fact, answer in zip(facts, answers, strict=True):
            who = str(fact.identities[0].value) if fact.identities else ""
            kind, place = ItemKind(fact.kind), (ensure_source(fact.source), fact.key)
            said = Said(fact.occurred_at, kind, answer.fact_id, who, fact, place=place)
            self.facts[fact.source, fact.kind, fact.key] = said
            heard.add(who)
        subjects = [(fact.source, int(ItemKind.ORDER), fact.subject) for fact in facts if fact.subject]
        return {who for who in heard | {self.facts[one].who for one in subjects if one in self.facts} if who}

    def forget(self, facts: Iterable[NewFact]) -> set[str]:
        """Facts that were taken back with their import."""
        gone = [self.facts.pop((fact.source, fact.kind, fact.key)) for fact in facts]
        return {said.who for said in gone if said.who}

    def commanded(self, receipt: Receipt, refers_to: int | None = None) -> None:
        """A command that was taken."""
        self._command(
            receipt.command_id, receipt.kind, receipt.customer_id, receipt.amount, receipt.at, refers_to,
            what="stars" if receipt.currency == STARS else "points",
        )  # fmt: skip

    def tier(self, command_id: int, given: Given | None = None) -> None:
        """A tier that was given, or ended."""
        [(kind, customer_id, amount, at, refers_to)] = query(f"{COMMAND} WHERE id = %s", [command_id])
        self._command(command_id, kind, customer_id, amount, at, refers_to, given)

    def merged(self, child: str, parent: str) -> tuple[str, str]:
        """Two groups are one; returns who stood for each."""
        roots = self._root(child), self._root(parent)
        self.up[roots[0]] = roots[1]
        return roots

    def parted(self, child: str) -> None:
        """Who stood for the group that was merged stands for it again."""
        del self.up[child]

    def changed(self, live_from: datetime, terms: dict[str, Any]) -> None:
        """The programme has another version."""
        self.versions.append((live_from, terms))
        self.programme = Programme(self.versions)

    def group(self, who: str) -> frozenset[str]:
        """Everybody who is one with this member."""
        root = self._root(who)
        return frozenset(one for one in {*self.names.values(), who} if self._root(one) == root)

    def model(self, who: str) -> Group:
        """What the model makes of the group's history."""
        members = self.group(who)
        told = [said for said in self.facts.values() if self._whose(said) in members]
        return Group(self.programme, [*told, *(said for said in self.commands if said.who in members)])

    def look(self, who: str, days: Sequence[date] = ()) -> Group:
        """Compare the books with the model, at the time of the group's last event or now, whichever is later."""
        model = self.model(who)
        told = self._kept(who, days)
        canonical, at, frozen, tiers = *told[:3], told[-1]
        model.pass_time(at)
        have, (pending, available, held, owed, growth) = model.have(), told[3:8]
        wanted = (have.pending, have.available, have.held, have.owed, have.growth)
        assert (pending, available, held, owed, growth) == wanted, (
            f"{who}: (pending, available, held, owed, growth) is {told[3:8]}, not {wanted}; "
            f"lots that differ, (kind, fact or command, turn): {self._lots_that_differ(canonical, model)}"
        )
        star = model.have("stars")
        stars = (star.pending, star.available, star.held, star.owed)
        assert tuple(told[8:12]) == stars, (
            f"{who}: stars (pending, available, held, owed) are {told[8:12]}, not {stars}; "
            f"lots that differ: {self._lots_that_differ(canonical, model)}"
        )
        assert frozen == bool(model.frozen), f"{who}: frozen is {frozen}"
        found = [model.tier(day) for day in (at.astimezone(SHANGHAI).date(), *days)]
        assert tiers == found, f"{who}: tiers {tiers}, not {found}, on {at} and {days}"
        return model

    def look_as_others_do(self, who: str) -> None:
        """The balance as the console and the portal read it is the model's too, and so is what expires when."""
        model = self.model(who)
        canonical, at = self._kept(who)[:2]
        model.pass_time(at)
        held = statements.balances_by_currency([canonical], at=at)[canonical]
        assert held[1] == statements.balances([canonical], at=at)[canonical]
        for what, number in (("points", 1), ("stars", STARS)):
            have, shown = model.have(what), held.get(number, statements.NOTHING)
            wanted = (have.pending, have.available, have.held - have.lent, have.owed, have.spendable)
            told = (shown.pending, shown.available, shown.held, shown.owed, shown.spendable)
            assert told == wanted, (who, what, told, wanted)
            ends = statements.expiring(canonical, at=at, most=100, currency=number)
            assert ends == model.expiring(what), f"{who}: {what} expires {ends}, not {model.expiring(what)}"

    def _kept(self, who: str, days: Sequence[date] = ()) -> Sequence[Any]:
        return bulk.run(connection, LOOK, [self.world.now, self.ids[who], bulk.Column("date", list(days))])[0]

    def _lots_that_differ(self, canonical: int, model: Group) -> dict[tuple[str, int, int, int], tuple[int, int]]:
        """What is left of a lot in the books, and in the model."""
        kept = {(what, kind, origin, turn): left for what, kind, origin, turn, left in query(LOTS, [canonical])}
        had = model.left_by_lot()
        lots = sorted(kept.keys() | had.keys())
        return {lot: (kept.get(lot, 0), had.get(lot, 0)) for lot in lots if kept.get(lot, 0) != had.get(lot, 0)}

    def know(self, who: str) -> None:
        """A member's number in the books."""
        self.ids[who] = self.world.customer(who)
        self.names[self.ids[who]] = who

    def _command(
        self, command_id: int, kind: int, customer_id: int, amount: int, at: datetime, refers_to: int | None,
        given: Given | None = None, what: str = "points",
    ) -> None:  # fmt: skip
        place, who = (COMMANDS, f"{command_id:020d}"), self.names[customer_id]
        self.commands.append(
            Said(at, ItemKind(kind), command_id, who, None, amount, refers_to or 0, given, place, what)
        )

    def _whose(self, said: Said) -> str:
        """A refund is the order's, whoever brings it."""
        if said.fact is None or said.fact.subject is None:
            return said.who
        order = self.facts.get((said.fact.source, int(ItemKind.ORDER), said.fact.subject))
        return order.who if order else ""

    def _root(self, who: str) -> str:
        while who in self.up:
            who = self.up[who]
        return who
