"""How fast rewards are claimed and given back, by 64 members, eight at a time. The last piece stands in `races`."""

import functools
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.instance import instance, zone

MEMBERS, CLAIMS, AT_ONCE = 64, 2_000, 8
PRICE = 10


def main() -> None:
    """Measure, and print one line of JSON."""
    with instance():
        print(json.dumps(measure()))


def measure() -> dict[str, object]:
    """Claims and returns a second."""
    found: dict[str, object] = {"bench": "rewards"}
    who = _members()
    told = claiming(who)
    print(f"claiming: {told}", file=sys.stderr)
    return found | told


def claiming(who: list[int]) -> dict[str, object]:
    """Claims of one reward by eight at a time, each of another member; then all are given back."""
    from regulars.flows import claim_rewards
    from regulars.flows.settings import programme
    from regulars.loyalty.rewards import queries

    _reward("mug", stock=None)
    made: list[int] = []

    def take(number: int) -> str:
        made.append(_claim("mug", who[number % MEMBERS], f"claim:{number}"))
        return "done"

    _, seconds = _at_once(CLAIMS, AT_ONCE, take)
    policies, in_zone = programme()

    def give_back(number: int) -> str:
        claim_rewards.cancel(
            claim_id=made[number], policies=policies, zone=in_zone, actor="bench", at=datetime.now(UTC)
        )
        return "done"

    _, ending = _at_once(CLAIMS, AT_ONCE, give_back)
    return {
        "claims_a_second": round(CLAIMS / seconds),
        "cancelled_a_second": round(CLAIMS / ending),
        "differences_after_all": len(queries.differences()[0]),
    }


def _members() -> list[int]:
    """Ids of members with points for everything that follows."""
    from regulars.customers import lookup
    from regulars.customers.identities import Identity, IdentityKind
    from regulars.facts.kinds import order_completed
    from regulars.facts.rules import NewFact
    from regulars.flows.record_facts import record_facts
    from regulars.flows.settings import programme

    policies, in_zone = programme()
    at, facts, names = datetime.now(UTC) - timedelta(days=1), [], []
    for number in range(MEMBERS):
        names.append(Identity(IdentityKind.MEMBER_NUMBER, "", f"{number}"))
        body = order_completed.make_body(currency="CNY", paid=1_000_000_00, lines=[["1", "A", 1, 1_000_000_00]])
        facts.append(NewFact("till", order_completed.CODE, f"{number}", at, body, (names[-1],), amount=1_000_000_00))
    record_facts(facts=facts, policies=policies, zone=in_zone, at=at)
    return [lookup.owner([name]) or 0 for name in names]


def _reward(code: str, *, stock: int | None) -> None:
    from regulars.core.bilingual import Text
    from regulars.loyalty.rewards import actions
    from regulars.loyalty.rewards.rules import RewardKind, Terms

    terms = Terms(Text("马克杯", "A mug"), RewardKind.ITEM, PRICE, stock=stock)
    actions.create(code=code, terms=terms, actor="bench", at=datetime.now(UTC))


def _claim(code: str, customer_id: int, key: str) -> int:
    from regulars.flows import claim_rewards
    from regulars.loyalty.rewards.rules import Ask

    ask = Ask(code, customer_id, key, "S1", "bench")
    return claim_rewards.claim(ask=ask, policies=_policies(), zone=zone(), at=datetime.now(UTC)).id


@functools.cache
def _policies() -> Any:
    from regulars.flows.settings import programme

    return programme()[0]


def _at_once(count: int, connections: int, work: Callable[[int], str]) -> tuple[Counter[str], float]:
    """What so many pieces of work over so many connections came to, and in how many seconds."""
    from django.db import connections as open_connections

    came: Counter[str] = Counter()
    lock, start = threading.Lock(), threading.Barrier(connections)

    def one(place: int) -> None:
        own: Counter[str] = Counter()
        start.wait()
        for number in range(place, count, connections):
            own[work(number)] += 1
        with lock:
            came.update(own)
        open_connections.close_all()

    threads = [threading.Thread(target=one, args=(place,)) for place in range(connections)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if sum(came.values()) != count:
        raise SystemExit(f"Of {count} pieces of work {sum(came.values())} were done.")
    return came, time.perf_counter() - begun


if __name__ == "__main__":
    main()
