"""Risk control on made-up cafés: cheats of eight kinds are found before they cash in, and honest people left alone.

`python -m bench.risk 11 12 13` takes these seeds; without, three fresh ones. The cafés were written before the rules
(`facts/connectors/camellia/abuse`), and the rules were set on the seeds `tune-1` to `tune-6`, so those prove nothing.
Everything goes the way it goes in a shop: orders are recorded, points are redeemed, and the job looks on; here every
six hours and a minute before each cash-in, where the real one looks every minute.
"""

import json
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from bench.instance import instance, zone

if TYPE_CHECKING:
    from regulars.facts.connectors.camellia.abuse import RiskyCafe
    from regulars.loyalty.rules import Policies

MEMBERS = 1200
ON = date(2026, 11, 22)
BEFORE = timedelta(minutes=1)
EVENTS = [
    {"code": "check_in", "on": "Checked In", "then": {"kind": "fixed", "amount": 5}},
    {"code": "review", "on": "Product Reviewed", "then": {"kind": "fixed", "amount": 10}},
    {"code": "each_order", "then": {"kind": "fixed", "amount": 5}},
]
"""What makes check-ins, reviews and split orders worth their while."""


@dataclass
class Outcome:
    """What came of a café: cheats by kind, how many of them were found, or frozen, before; honest people flagged."""

    cheats: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    frozen: Counter[str] = field(default_factory=Counter)
    honest: int = 0
    flagged: int = 0
    honest_frozen: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)

    @property
    def found_share(self) -> float:
        """Of all cheats, before they cashed in."""
        return self.found.total() / self.cheats.total()

    @property
    def flagged_share(self) -> float:
        """Of all honest people, ever."""
        return self.flagged / self.honest


def main() -> None:
    """Measure each seed in an instance of its own, and print one line of JSON."""
    seeds = sys.argv[1:] or [secrets.token_hex(3) for _ in range(3)]
    begun = time.perf_counter()
    outcomes = []
    # An instance can be opened once in a process.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as processes:
        for seed, outcome in zip(seeds, processes.map(of_seed, seeds), strict=True):
            outcomes.append(outcome)
            tell(seed, outcome)
    found: dict[str, Any] = {"bench": "risk", "seeds": " ".join(seeds), "members": MEMBERS}
    for kind in sorted({kind for one in outcomes for kind in one.cheats}):
        caught, all_of_them = sum(one.found[kind] for one in outcomes), sum(one.cheats[kind] for one in outcomes)
        found[f"{kind}_found"] = f"{caught} of {all_of_them}"
    found |= {
        "found_worst_seed": round(min(one.found_share for one in outcomes), 4),
        "honest_flagged_worst_seed": round(max(one.flagged_share for one in outcomes), 4),
        "frozen_before": round(
            sum(one.frozen.total() for one in outcomes) / sum(one.cheats.total() for one in outcomes), 4
        ),
        "honest_frozen": sum(one.honest_frozen for one in outcomes),
        "seconds": round(time.perf_counter() - begun, 1),
    }
    print(json.dumps(found))


def of_seed(seed: str) -> Outcome:
    """The café of a seed, in an instance of its own."""
    with instance():
        from regulars.facts.connectors.camellia.abuse import RiskyCafe

        return replay(RiskyCafe(seed, on=ON, members=MEMBERS), look_every=timedelta(hours=6))


def replay(cafe: "RiskyCafe", *, look_every: timedelta) -> Outcome:
    """Tell a café's weeks as they went, and count."""
    from regulars.flows.settings import programme
    from regulars.loyalty import actions as loyalty
    from regulars.loyalty.presets import cafe as preset

    terms = preset(2)
    terms["rules"] = [*terms["rules"], *EVENTS]
    start = datetime(2000, 1, 2, tzinfo=UTC)
    loyalty.launch(terms=terms, live_from=start, time_zone=zone().key, actor="bench", at=start)
    policies, _ = programme()
    ids = _join([(one.number, one.phone, one.joined_on) for one in cafe.members])
    for kind, at, told in _in_time(cafe, look_every):
        if kind == "join":
            ids |= _join([(one.number, one.phone, one.joined.date()) for one in told])
        elif kind == "facts":
            _record(told, policies, at)
        elif kind == "look":
            _look(policies, at)
        else:
            _act(told, ids, policies)
    return _counted(cafe, ids)


def _in_time(cafe: "RiskyCafe", look_every: timedelta) -> Iterator[tuple[str, datetime, Any]]:
    """Whatever happens, in the order of time; facts between two looks go together."""
    from regulars.facts.connectors.camellia.abuse import ActKind

    cash_ins = {(one.number, one.cash_in.replace(tzinfo=zone())) for one in cafe.cheats.values()}
    facts, acts = cafe.facts(), cafe.acts()
    things: list[tuple[datetime, int, str, Any]] = [
        (one.joined.replace(tzinfo=zone()), 0, "join", [one]) for one in cafe.newcomers
    ]
    things += [(act.at, 3, "act", act) for act in acts]
    things += [(at - BEFORE, 2, "look", None) for _, at in cash_ins]
    at = facts[0].occurred_at
    while at < facts[-1].occurred_at + look_every:
        at += look_every
        things.append((at, 2, "look", None))
    waiting = iter([*facts, None])
    fact = next(waiting)
    for at, _, kind, told in sorted(things, key=lambda thing: (thing[0], thing[1], str(thing[3]))):
        batch = []
        while fact is not None and fact.occurred_at <= at:
            batch.append(fact)
            fact = next(waiting)
        if batch:
            yield "facts", at, batch
        if kind != "act" or told.kind in (ActKind.REDEEM, ActKind.GUESS):
            yield kind, at, told


def _join(people: list[tuple[str, str, date]]) -> dict[str, int]:
    from django.db import transaction

    from regulars.customers import actions as customers
    from regulars.customers.identities import Identity, IdentityKind

    arrivals = [
        customers.Arrival(
            (Identity(IdentityKind.MEMBER_NUMBER, "", number), Identity(IdentityKind.PHONE, "", phone)),
            {"joined_on": day}, day,
        )
        for number, phone, day in people
    ]  # fmt: skip
    with transaction.atomic():
        found = customers.identify(arrivals=arrivals, at=datetime(2026, 1, 1, tzinfo=UTC))
    return {
        number: found.owners[identity][0]
        for (number, _, _), identity in zip(people, found.ids, strict=True)
        if identity is not None
    }


def _record(facts: list[Any], policies: "Policies", at: datetime) -> None:
    from regulars.flows.record_facts import record_facts

    for first in range(0, len(facts), 5000):
        record_facts(facts=facts[first : first + 5000], policies=policies, zone=zone(), at=at)


def _look(policies: "Policies", at: datetime) -> None:
    from regulars.flows.watch_risk import watch_risk

    for _ in watch_risk(policies=policies, at=at):
        pass


def _act(act: Any, ids: dict[str, int], policies: "Policies") -> None:
    """Spend, if there is something to spend and the account is not frozen; or try a wrong code."""
    from regulars.facts.connectors.camellia.abuse import ActKind
    from regulars.flows.command_points import command_points
    from regulars.ledger import statements as ledger
    from regulars.ledger.rules import InsufficientPoints
    from regulars.limits import actions as limits
    from regulars.limits.rules import Take
    from regulars.loyalty.actions.commands import AccountFrozen
    from regulars.loyalty.coupons.rules import GUESSES, Guesser, GuesserKind
    from regulars.loyalty.rules import ItemKind

    who = ids[act.number]
    if act.kind is ActKind.GUESS:
        limits.take([Take(GUESSES, Guesser(GuesserKind.MEMBER, who).subject)], at=act.at)
        return
    amount = act.amount or ledger.balances([who], at=act.at)[who].spendable
    if amount <= 0:
        return
    try:
        command_points(
            kind=ItemKind.REDEEM, customer_id=who, amount=amount, key=f"{act.number} {act.at}", at=act.at,
            policies=policies,
        )  # fmt: skip
    except (InsufficientPoints, AccountFrozen):
        return


def _counted(cafe: "RiskyCafe", ids: dict[str, int]) -> Outcome:
    from regulars.loyalty.risk import queries
    from regulars.loyalty.risk.rules import CaseState

    outcome = Outcome(honest=sum(one.number not in cafe.cheats for one in cafe.members))
    numbers = {who: number for number, who in ids.items()}
    seen: dict[str, datetime] = {}
    stopped: dict[str, datetime] = {}
    for case in queries.cases(tuple(CaseState), most=100_000):
        number = numbers[case.customer_id]
        seen[number] = min(seen.get(number, case.opened_at), case.opened_at)
        if case.state is CaseState.FROZEN and case.decided_at is not None:
            stopped[number] = case.decided_at
        if number not in cafe.cheats:
            outcome.by_rule.update(f"{sign.rule} {sign.score}" for sign in case.evidence)
    for number, cheat in cafe.cheats.items():
        cash_in = cheat.cash_in.replace(tzinfo=zone())
        outcome.cheats[cheat.kind] += 1
        outcome.found[cheat.kind] += number in seen and seen[number] < cash_in
        outcome.frozen[cheat.kind] += number in stopped and stopped[number] < cash_in
        if not (number in seen and seen[number] < cash_in):
            outcome.missed.append(f"{cheat.kind} {number} {'late' if number in seen else 'never'}")
    outcome.flagged = sum(number not in cafe.cheats for number in seen)
    outcome.honest_frozen = sum(number not in cafe.cheats for number in stopped)
    return outcome


def tell(seed: str, one: Outcome) -> None:
    """The figures of a seed, for people."""
    print(
        f"seed {seed}: found {one.found.total()} of {one.cheats.total()} before they cash in,"
        f" frozen {one.frozen.total()};"
        f" honest flagged {one.flagged} of {one.honest} ({one.flagged_share:.2%}), frozen {one.honest_frozen}",
        file=sys.stderr,
    )
    for kind, count in sorted(one.cheats.items()):
        print(f"  {kind:<16} found {one.found[kind]:>3} of {count:>3}, frozen {one.frozen[kind]:>3}", file=sys.stderr)
    print(f"  missed: {one.missed}\n  honest: {dict(one.by_rule)}", file=sys.stderr)


if __name__ == "__main__":
    main()
