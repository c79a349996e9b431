"""A random walk through everything that can happen to the books, with their laws checked after every step."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from random import Random

from django.db import connection

from regulars.customers.actions.duplicates import AlreadyOne
from regulars.facts import actions as facts
from regulars.facts.rules import KeyReused, NewFact, Outcome
from regulars.flows import import_orders, undo_import
from regulars.ledger import queries as ledger
from regulars.ledger import statements
from regulars.ledger.rules import InsufficientPoints
from regulars.loyalty.actions.commands import NothingLeft, UnknownCommand
from regulars.loyalty.rules import ItemKind
from tests.flows.world import KEEPING, RULES, SHANGHAI, TABLES, World, cancel, event, order, query, refund, when

LIFE_STEPS = 120
"""Steps after which the books are closed and new ones opened: a life of some years with many late facts."""
VERIFY_EVERY = 40
PEOPLE = 4
TERMS = [
    ("2024-06-01 00:00", RULES),
    ("2024-09-01 00:00", {"minor_per_point": 70, "pending_days": {"store": 1, "online": 3}, "window_months": 6}),
    ("2025-03-01 00:00", {**RULES, "minor_per_point": 130, "keeping": KEEPING}),
]
SPENDS = (ItemKind.REDEEM, ItemKind.HOLD, ItemKind.DEDUCT)


class Walk:
    """One life of the books. Every method that begins with `do_` is a step; `made` counts what was done."""

    def __init__(self, world: World, random: Random, made: Counter[str]) -> None:
        self.world = world
        self.random = random
        self.made = made
        self.told: list[NewFact] = []
        self.orders: list[NewFact] = []
        self.merges: list[int] = []
        self.commands: list[tuple[ItemKind, int, str]] = []
        self.imports: list[int] = []
        self.imported: list[NewFact] = []
        self.numbers: set[tuple[str, str]] = set()
        self.number = 0
        world.now = when("2024-01-01 10:00")
        self._tell(*(self._order(who) for who in range(PEOPLE)))
        steps = [name for name in dir(self) if name.startswith("do_")]
        self.steps = [name for name in steps for _ in range(getattr(self, name).__defaults__[0])]

    def step(self) -> str:
        """Let some time pass and do one thing."""
        if self.random.random() < 0.3:
            self.world.now += timedelta(minutes=self.random.choice((0, 1, 600, 1440, 9 * 1440, 60 * 1440)))
        name = self.random.choice(self.steps)
        getattr(self, name)()
        self.made[name.removeprefix("do_")] += 1
        return name

    # --- facts ---------------------------------------------------------------------------------------------------

    def do_order(self, often: int = 6) -> None:
        self._tell(self._order(self._anyone()))

    def do_batch(self, often: int = 3) -> None:
        new = [
            self._order(self._anyone(), late=self.random.choice((0, 0, 30))) for _ in range(self.random.randrange(2, 6))
        ]
        back = [self._refund(fact) for fact in new if self.random.random() < 0.3]
        self._tell(*self.random.sample(new + back, len(new + back)))

    def do_late_order(self, often: int = 3) -> None:
        self._tell(self._order(self._anyone(), late=self.random.choice((1, 90, 400))))

    def do_event(self, often: int = 2) -> None:
        self.number += 1
        at = self.world.now - timedelta(days=self.random.choice((0, 0, 2, 200)))
        self._tell(event(f"e{self.number}", self._name(), at, self.random.choice(("Checked In", "Shared"))))

    def do_refund(self, often: int = 5) -> None:
        self._tell(self._refund(self.random.choice(self.orders + self.imported)))

    def do_early_refund(self, often: int = 2) -> None:
        later = self._order(self._anyone(), late=self.random.choice((0, 20)))
        self._tell(self._refund(later))
        self._tell(later)

    def do_refund_of_nothing(self, often: int = 1) -> None:
        self.number += 1
        self._tell(refund(f"r{self.number}", f"unknown {self.number}", self.world.now, 5_00, who=self._name()))

    def do_cancel(self, often: int = 2) -> None:
        fact = self.random.choice(self.orders + self.imported)
        self.number += 1
        self._tell(cancel(f"c{self.number}", fact.key, max(fact.occurred_at, self.world.now), source=fact.source))

    def do_repeat(self, often: int = 2) -> None:
        again = self.random.sample(self.told, min(4, len(self.told)))
        assert {answer.outcome for answer in self.world.tell(*again)} == {Outcome.REPEATED}

    def do_conflict(self, often: int = 1) -> None:
        fact = self.random.choice(self.orders)
        other = order(fact.key, self._name(), fact.occurred_at, 7, source=fact.source)
        assert self.world.tell(other)[0].outcome == Outcome.CONFLICT

    def do_import(self, often: int = 1) -> None:
        import_id = facts.open_import(
            source="till", connector="walk", file_name="x", time_zone="Asia/Shanghai", mapping={}, actor="walk",
            at=self.world.now,
        )  # fmt: skip
        new = [self._order(self._anyone(), late=self.random.choice((0, 50))) for _ in range(4)]
        staged = facts.stage(import_id=import_id, facts=[*new, self._refund(new[0])])
        facts.checked(import_id=import_id, staged=staged, counts={})
        _run(
            import_orders.post_import(
                import_id=import_id, policies=self.world.policies, zone=SHANGHAI, at=self.world.now
            )
        )
        self.imports.append(import_id)
        self.imported += new

    def do_undo_import(self, often: int = 1) -> None:
        if self.imports:
            import_id = self.imports.pop(self.random.randrange(len(self.imports)))
            _run(
                undo_import.undo_import(
                    import_id=import_id, policies=self.world.policies, actor="walk", at=self.world.now
                )
            )

    # --- commands ------------------------------------------------------------------------------------------------

    def do_spend(self, often: int = 6) -> None:
        """A part, all, or more than there is: served exactly when there is enough."""
        who = self._name()
        customer_id = self.world.customer(who)
        group = query("SELECT canonical_id FROM customers_customer WHERE id = %s", [customer_id])[0][0]
        latest = query("SELECT last_at FROM loyalty_standing WHERE customer_id = %s", [group])
        at = max([self.world.now, *(row[0] for row in latest)])
        spendable = statements.balances([group], at=at)[group].spendable
        points = self.random.choice((1, spendable // 3, spendable, spendable + 1))
        kind = self.random.choice(SPENDS)
        done = self._command(kind, who, points)
        assert done == (0 < points <= spendable), (kind, points, spendable)

    def do_grant(self, often: int = 1) -> None:
        self._command(ItemKind.GRANT, self._name(), self.random.choice((1, 50, 3000)))

    def do_continue(self, often: int = 5) -> None:
        """Capture, release or reverse a part of what an earlier command took, or more than is left of it."""
        if self.commands:
            earlier, command_id, who = self.random.choice(self.commands)
            kind = (
                self.random.choice((ItemKind.CAPTURE, ItemKind.RELEASE))
                if earlier == ItemKind.HOLD
                else ItemKind.REVERSE
            )
            self._command(kind, who, self.random.choice((1, 10, 60)), command_id)

    def do_command_again(self, often: int = 1) -> None:
        rows = query("SELECT key, kind, amount, refers_to_id FROM loyalty_command ORDER BY random() LIMIT 1")
        for key, kind, amount, refers_to in rows:
            who = self._name()
            try:
                self.world.command(ItemKind(kind), who, amount, key, refers_to=refers_to)
            except KeyReused:
                continue

    # --- people and time -----------------------------------------------------------------------------------------

    def do_settle(self, often: int = 2) -> None:
        self.world.settle()
        assert self.world.settle() == 0

    def do_merge(self, often: int = 2) -> None:
        child, parent = self.random.sample(range(PEOPLE), 2)
        with suppress(AlreadyOne):
            self.merges.append(self.world.merge(f"m{child}", f"m{parent}"))

    def do_part(self, often: int = 2) -> None:
        if self.merges:
            self.world.undo(self.merges.pop(self.random.randrange(len(self.merges))))

    # --- how it is told ------------------------------------------------------------------------------------------

    def _anyone(self) -> int:
        return self.random.randrange(PEOPLE)

    def _name(self) -> str:
        return f"m{self._anyone()}"

    def _order(self, who: int, late: int = 0) -> NewFact:
        self.number += 1
        at = self.world.now - timedelta(days=late)
        if self.random.random() < 0.3:
            at = at.replace(hour=0, minute=0)
        amount = self.random.choice((1, 99, 50_00, 333_33, 1200_00, 6000_00))
        lines = [amount // 3, amount - amount // 3] if self.random.random() < 0.5 else []
        channel, source = self.random.choice(("store", "online")), self.random.choice(("till", "web"))
        freight = self.random.choice((0, 0, 12_00))
        return order(
            f"o{self.number}", f"m{who}", at, amount, lines=lines, channel=channel, source=source, paid=amount + freight
        )

    def _refund(self, fact: NewFact) -> NewFact:
        self.number += 1
        at = fact.occurred_at + timedelta(days=self.random.choice((-1, 0, 3, 50)))
        paid, way = fact.amount or 0, self.random.randrange(4)
        key = self.random.choice((fact.key, f"r{self.number}"))
        who = self.random.choice(((), self._name()))
        if (fact.source, key) in self.numbers:
            key = f"r{self.number}"
        self.numbers.add((fact.source, key))
        if way == 0:
            return refund(key, fact.key, at, who=who, source=fact.source)
        if way == 1:
            return refund(key, fact.key, at, self.random.choice((1, paid // 2, paid + 1)), who=who, source=fact.source)
        lines = [(self.random.randrange(1, 4), max(1, paid // self.random.choice((1, 3, 7))))]
        return refund(key, fact.key, at, lines=lines, who=who, source=fact.source)

    def _tell(self, *new: NewFact) -> None:
        answers = self.world.tell(*new)
        assert {answer.outcome for answer in answers} == {Outcome.RECORDED}, answers
        self.told += new
        self.orders += [fact for fact in new if fact.kind == 1]

    def _command(self, kind: ItemKind, who: str, points: int, refers_to: int | None = None) -> bool:
        self.number += 1
        try:
            receipt = self.world.command(kind, who, points, f"k{self.number}", refers_to=refers_to)
        except (InsufficientPoints, NothingLeft, UnknownCommand):
            return False
        if kind not in (ItemKind.GRANT, ItemKind.RELEASE, ItemKind.REVERSE):
            self.commands.append((kind, receipt.command_id, who))
        return True


def walk(steps: int, seed: int = 1) -> Counter[str]:
    """Walk so many steps, a life after another; returns how often each thing was done.

    Raises:
        AssertionError: A law was broken; the message says in which life, after which steps.
    """
    made: Counter[str] = Counter()
    world = World(terms=TERMS)
    for first in range(0, steps, LIFE_STEPS):
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
        life = f"{seed}/{first}"
        one, done = Walk(world, Random(life), made), []
        for number in range(1, 1 + min(LIFE_STEPS, steps - first)):
            try:
                done.append(one.step())
                found, _ = ledger.disagreements()
                assert found == [], found
                if number % VERIFY_EVERY == 0:
                    world.assert_clean()
            except Exception as error:
                raise AssertionError(f"life {life}, step {number} after {done[-5:]}: {error}") from error
    return made


def _run(steps: Iterator[int]) -> None:
    for _ in steps:
        pass
