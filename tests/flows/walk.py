"""A random walk through everything that can happen to the books, held against a simple model after every step.

After each step: every account and lot is what its transfers add up to (law 1 of the ledger; 2 and 7 are constraints of
the tables and the model's), what was told twice or refused changed nothing (3, 7), nothing was given back or spent
beyond what there was (4, 5), and balances, growth and tiers of everybody concerned are the model's (1, 4, 6).
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from random import Random

from django.db import connection

from regulars.core import bulk
from regulars.customers.actions.duplicates import AlreadyOne
from regulars.facts import actions as facts
from regulars.facts.rules import Answer, NewFact, Outcome
from regulars.flows import import_orders, undo_import
from regulars.flows.rate_again import rate_everybody_again
from regulars.ledger import queries as ledger
from regulars.loyalty.actions import launch
from regulars.loyalty.rules import preset_terms
from tests.flows.walk_commands import Commands
from tests.flows.witness import Witness
from tests.flows.world import (
    KEEPING,
    RULES,
    SHANGHAI,
    STARS,
    START,
    TABLES,
    World,
    cancel,
    event,
    order,
    query,
    refund,
    when,
)

LIFE_STEPS = 120
"""Steps after which the books are closed and new ones opened: a life of some years with many late facts."""
VERIFY_EVERY = 40
PEOPLE = 4
LOOK_BACK = (400, 30, -200)
"""Days from now on which tiers are compared too."""
LOW = [{"period": "week", "most": 700, "by_tier": {"gold": 9000}}]
TERMS = [
    ("2024-06-01 00:00", STARS),
    ("2024-09-01 00:00", {"minor_per_point": 70, "pending_days": {"store": 1, "online": 3}, "window_months": 6}),
    ("2025-03-01 00:00", {**STARS, "caps": LOW, "minor_per_point": 130, "keeping": KEEPING, "rounding": "nearest"}),
]
CHANGES = [
    {"minor_per_point": 250, "restore_days": 3, "rounding": "nearest"},
    {**STARS, "expiry": "rolling", "expiry_months": 5},
    {"expiry": "never", "pending_days": {"store": 0, "online": 30}},
    {**RULES, "caps": LOW, "window_months": 3, "minor_per_growth": 40, "rounding": "up"},
    {**STARS, "currencies": [{**STARS["currencies"][0], "expiry": "never", "restore_days": 2}]},
    {"minor_per_point": 0, "keeping": KEEPING},
]
"""What the programme may become in the middle of a life."""


DISAGREEMENTS = " UNION ALL ".join(
    f"SELECT '{name}', d::text FROM ({statement}) d" for name, statement in ledger.DISAGREEMENTS.items()
)
"""Every wallet and lot that is not what its transfers add up to: `ledger.disagreements` in one statement."""


class Walk(Commands):
    """One life of the books. Every method that begins with `do_` is a step; `made` counts what was done."""

    def __init__(self, world: World, random: Random, made: Counter[str]) -> None:
        self.world = world
        self.random = random
        self.made = made
        self.told: list[NewFact] = []
        self.orders: list[NewFact] = []
        self.merges: list[tuple[int, str]] = []
        self.imports: list[tuple[int, list[NewFact]]] = []
        self.imported: list[NewFact] = []
        self.numbers: set[tuple[str, str]] = set()
        self.number = 0
        self.touched: set[str] = set()
        terms = [(START, preset_terms(2)), *((when(at), {**preset_terms(2), **new}) for at, new in TERMS)]
        self.witness = Witness(world, terms)
        self.begin_commands()
        world.now = when("2024-01-01 10:00")
        self._tell(*(self._order(who) for who in range(PEOPLE)))
        for who in range(PEOPLE):
            self.witness.know(f"m{who}")
        steps = [name for name in dir(self) if name.startswith("do_")]
        self.steps = [name for name in steps for _ in range(getattr(self, name).__defaults__[0])]

    def step(self) -> str:
        """Let some time pass and do one thing."""
        if self.random.random() < 0.3:
            self.world.now += timedelta(minutes=self.random.choice((0, 1, 600, 1440, 9 * 1440, 60 * 1440)))
        name = self.random.choice(self.steps)
        self.touched.clear()
        getattr(self, name)()
        self.made[name.removeprefix("do_")] += 1
        return name

    def look(self, *, all_of_them: bool) -> None:
        """Whether the books are in order, and as the model has them."""
        found = bulk.run(connection, DISAGREEMENTS)
        assert found == [], found
        days = [self.world.now.date() - timedelta(days=days) for days in LOOK_BACK]
        everybody = {f"m{who}" for who in range(PEOPLE)} if all_of_them else self.touched
        for who in sorted({min(self.witness.group(one)) for one in everybody}):
            self.witness.look(who, days)
            if all_of_them:
                self.witness.look_as_others_do(who)
        if all_of_them:
            self.world.assert_clean()

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
        self._cancel(self.random.choice(self.orders + self.imported))

    def do_order_again(self, often: int = 2) -> None:
        """One of the last orders is cancelled and made once more: what the first took of limits is free again."""
        first = self.random.choice(self.orders[-4:])
        self._cancel(first)
        self.number += 1
        self._tell(replace(first, key=f"o{self.number}", occurred_at=self.world.now))

    def _cancel(self, fact: NewFact) -> None:
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
        new = [self._order(self._anyone(), late=self.random.choice((0, 50)), source="till") for _ in range(4)]
        every = [*new, self._refund(new[0])]
        staged = facts.stage(import_id=import_id, facts=every)
        facts.checked(import_id=import_id, staged=staged, counts={})
        policies, now = self.world.policies, self.world.now
        _run(import_orders.post_import(import_id=import_id, policies=policies, zone=SHANGHAI, at=now))
        rows = query("SELECT kind, key, id FROM facts_fact WHERE key = ANY(%s)", [[fact.key for fact in every]])
        ids = {(kind, key): fact_id for kind, key, fact_id in rows}
        answers = [Answer(Outcome.RECORDED, ids[fact.kind, fact.key]) for fact in every]
        self.touched |= self.witness.hear(every, answers)
        self.imports.append((import_id, every))
        self.imported += new

    def do_undo_import(self, often: int = 1) -> None:
        if self.imports:
            import_id, every = self.imports.pop(self.random.randrange(len(self.imports)))
            policies, now = self.world.policies, self.world.now
            _run(undo_import.undo_import(import_id=import_id, policies=policies, actor="walk", at=now))
            self.touched |= self.witness.forget(every)

    # --- people, time and the programme --------------------------------------------------------------------------

    def do_settle(self, often: int = 2) -> None:
        self.world.settle()
        assert self.world.settle() == 0

    def do_merge(self, often: int = 2) -> None:
        child, parent = (f"m{who}" for who in self.random.sample(range(PEOPLE), 2))
        with suppress(AlreadyOne):
            merge_id = self.world.merge(child, parent)
            self.merges.append((merge_id, self.witness.merged(child, parent)[0]))
            self.touched.add(child)

    def do_part(self, often: int = 2) -> None:
        if self.merges:
            merge_id, child = self.merges.pop(self.random.randrange(len(self.merges)))
            before = self.witness.group(child)
            self.world.undo(merge_id)
            self.witness.parted(child)
            self.touched |= before

    def do_programme(self, often: int = 1) -> None:
        """Another version goes live in the middle of everything."""
        self.world.now += timedelta(minutes=1)
        now, terms = self.world.now, {**preset_terms(2), **self.random.choice(CHANGES)}
        made = launch(terms=terms, live_from=now, time_zone="Asia/Shanghai", actor="walk", at=now)
        self.world.learn()
        number = self.random.choice((None, made))
        _run(rate_everybody_again(policies=self.world.policies, at=now, number=number, lanes=1))
        self.witness.changed(now, terms)
        self.touched |= {f"m{who}" for who in range(PEOPLE)}

    # --- how it is told ------------------------------------------------------------------------------------------

    def _anyone(self) -> int:
        return self.random.randrange(PEOPLE)

    def _name(self) -> str:
        return f"m{self._anyone()}"

    def _order(self, who: int, late: int = 0, source: str = "") -> NewFact:
        self.number += 1
        at = self.world.now - timedelta(days=late)
        if self.random.random() < 0.3:
            at = at.replace(hour=0, minute=0)
        amount = self.random.choice((1, 99, 50_00, 333_33, 1000_00, 6000_00))
        lines = [amount // 3, amount - amount // 3] if self.random.random() < 0.5 else []
        channel, source = self.random.choice(("store", "online")), source or self.random.choice(("till", "web"))
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
        self.touched |= self.witness.hear(new, answers)
        self.told += new
        self.orders += [fact for fact in new if fact.kind == 1]


def walk(steps: int, seed: int = 1, *, done: int = 0, tell: Callable[[int], None] | None = None) -> Counter[str]:
    """Walk so many steps, a life after another; returns how often each thing was done.

    Args:
        done: Steps that were walked before, in whole lives: the walk goes on after them.
        tell: Told after each life how many steps are done.
    Raises:
        AssertionError: A law was broken; the message says in which life, after which steps.
    """
    made: Counter[str] = Counter()
    for first in range(done, steps, LIFE_STEPS):
        many = min(LIFE_STEPS, steps - first)
        live(f"{seed}/{first}", many, made)
        if tell is not None:
            tell(first + many)
    return made


def live(life: str, steps: int, made: Counter[str]) -> None:
    """One life, from empty books on; the same name is the same life."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)}, loyalty_policyversion CASCADE")
    one, done = Walk(World(terms=TERMS), Random(life), made), []
    for number in range(1, 1 + steps):
        try:
            done.append(one.step())
            one.look(all_of_them=number % VERIFY_EVERY == 0 or number == steps)
        except Exception as error:
            raise AssertionError(f"life {life}, step {number} after {done[-5:]}: {error!r}") from error


def _run(steps: Iterator[int]) -> None:
    for _ in steps:
        pass
