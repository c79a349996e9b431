"""Coupons, caps and the trace under load: guesses, and a campaign's million decisions.

The last use stands in `races`. 1,000 guesses at once; then how fast coupons are redeemed, issued
and told by orders, and what a million decisions and a million frequency caps take.
"""

import json
import os
import random
import resource
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.instance import instance, zone

GUESSES, GUESSERS = 1_000, 64
CUSTOMERS = int(os.environ.get("BENCH_CUSTOMERS", "1000000"))
BATCH = 50_000


def main() -> None:
    """Measure, and print one line of JSON."""
    with instance():
        print(json.dumps(measure()))


def measure() -> dict[str, object]:
    """What came of the guesses (counts), and rates a second or seconds."""
    found: dict[str, object] = {"bench": "coupons"}
    for part in (guesses, redeeming, issuing, telling, caps, trace):
        told = part()
        print(f"{part.__name__}: {told}", file=sys.stderr)
        found.update(told)
    found["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


def guesses() -> dict[str, object]:
    """One guesser, a thousand codes at once; how many were looked up at all."""
    from regulars.core.errors import DomainError
    from regulars.loyalty.coupons import actions, codes
    from regulars.loyalty.coupons.rules import Guesser, GuesserKind

    told, came = codes.new_codes(GUESSES), Counter[str]()
    at, guesser = datetime.now(UTC), Guesser(GuesserKind.MEMBER, 1)

    def guess(number: int) -> str:
        try:
            actions.look_up(code=told[number], guesser=guesser, at=at)
        except DomainError as error:
            return error.code
        return "found"

    seconds = _at_once(GUESSES, GUESSERS, guess, came)
    return {
        "guesses": GUESSES,
        "guesses_found": came["found"],
        "guesses_answered": came["unknown_code"],
        "guesses_stopped": came["too_many_guesses"],
        "guesses_seconds": round(seconds, 1),
    }


def redeeming() -> dict[str, object]:
    """Different coupons, eight at a time: by tills of their own, and all with one key."""
    codes, rates = _issued(4_000), []
    for place, own in enumerate((True, False)):
        half = codes[place * 2_000 : place * 2_000 + 2_000]
        seconds = _at_once(2_000, 8, lambda n, h=half, o=own: _redeem(h[n], h[n], n % 8 if o else 1), Counter())  # type: ignore[misc]
        rates.append(round(2_000 / seconds))
    return {"redeemed_a_second": rates[0], "redeemed_a_second_with_one_key": rates[1]}


def issuing() -> dict[str, object]:
    """Coupons issued in batches of 5,000."""
    count = 100_000
    seconds = _timed(lambda: _issued(count))
    return {"issued_a_second": round(count / seconds)}


def telling() -> dict[str, object]:
    """Orders recorded in batches of 5,000: without codes, and each with one."""
    from regulars.facts.kinds import order_completed
    from regulars.facts.rules import Identity, IdentityKind, NewFact
    from regulars.flows.record_facts import LARGEST_BATCH, record_facts
    from regulars.flows.settings import programme

    policies, in_zone = programme()
    codes, at = _issued(20_000), datetime.now(UTC)

    def orders(name: str, told: bool, start: int) -> list[NewFact]:
        made = []
        for number in range(start, start + LARGEST_BATCH):
            body = order_completed.make_body(
                currency="CNY", paid=5000, lines=[["1", "A", 1, 5000]], coupons=[codes[number]] if told else ()
            )
            who = (Identity(IdentityKind.MEMBER_NUMBER, "", f"{random.randrange(50_000)}"),)
            made.append(NewFact("till", order_completed.CODE, f"{name}{number}", at, body, who, amount=5000))
        return made

    found = {}
    for name, told in (("warm", False), ("orders_a_second", False), ("orders_with_codes_a_second", True)):
        batches = [orders(name, told, start) for start in range(0, 20_000, LARGEST_BATCH)]
        begun = time.perf_counter()
        for one in batches:
            record_facts(facts=one, policies=policies, zone=in_zone, at=at)
        seconds = time.perf_counter() - begun
        found[name] = round(20_000 / seconds)
    del found["warm"]
    return dict(found)


def caps() -> dict[str, object]:
    """Frequency caps of a million customers: taken in batches of 5,000, then read at once, then swept."""
    from regulars.limits import actions, queries
    from regulars.limits.rules import Kind, Limit, Take

    cap, at = Limit(Kind.MESSAGES, 2, timedelta(days=7)), datetime.now(UTC)
    who = list(range(1, CUSTOMERS + 1))
    portions = [[Take(cap, one) for one in who[start : start + 5_000]] for start in range(0, CUSTOMERS, 5_000)]
    taking = _timed(lambda: [actions.take(portion, at=at) for portion in portions])
    reading = _timed(lambda: queries.had(Kind.MESSAGES, who, at=at, window=timedelta(days=7)))
    sweeping = _timed(lambda: actions.sweep(before=at + timedelta(days=8)))
    return {
        "caps_taken_a_second": round(CUSTOMERS / taking),
        "caps_read_seconds": round(reading, 2),
        "caps_swept_seconds": round(sweeping, 2),
    }


def trace() -> dict[str, object]:
    """A million decisions in batches of 50,000, said twice, and read back."""
    from regulars.decisions import actions, queries
    from regulars.decisions.rules import About, AboutKind, NewDecision, Outcome

    about, at = About(AboutKind.CAMPAIGN, 1), datetime.now(UTC)
    capped = {"most": 2, "days": 7, "had": 2}

    def decided(who: int) -> NewDecision:
        if who % 10 == 0:
            return NewDecision(who, Outcome.HELD_OUT, "hold_out")
        if who % 7 == 0:
            return NewDecision(who, Outcome.SUPPRESSED, "frequency_cap", capped)
        return NewDecision(who, Outcome.CHOSEN, "chosen")

    def record() -> None:
        for start in range(1, CUSTOMERS + 1, BATCH):
            made = [decided(who) for who in range(start, min(start + BATCH, CUSTOMERS + 1))]
            actions.record_many(about=about, decisions=made, at=at)

    first, again = _timed(record), _timed(record)
    return {
        "decisions": CUSTOMERS,
        "decisions_seconds": round(first, 1),
        "decisions_again_seconds": round(again, 1),
        "decisions_counted_seconds": round(_timed(lambda: queries.counts(about)), 2),
        "decisions_chosen_read_seconds": round(_timed(lambda: list(queries.chunks(about, Outcome.CHOSEN))), 2),
        "decisions_page_seconds": round(_timed(lambda: queries.page(about, most=50, reason="frequency_cap")), 3),
    }


def _issued(count: int) -> list[str]:
    from regulars.core.bilingual import Text
    from regulars.loyalty.coupons import actions
    from regulars.loyalty.coupons.rules import OfferKind, Terms

    at, terms = datetime.now(UTC), Terms(OfferKind.AMOUNT_OFF, 10_00)
    offer = actions.create(name=Text("好久不见", "Hello"), terms=replace(terms, days_valid=30), actor="", at=at)
    codes: list[str] = []
    for start in range(0, count, 5_000):
        wanted = [actions.NewCoupon(f"{offer}:{n:07d}") for n in range(start, min(count, start + 5_000))]
        made = actions.issue_many(offer_id=offer, wanted=wanted, zone=zone(), at=at)
        codes += [one.code for one in made.values()]
    return codes


def _redeem(code: str, key: str, till: int) -> str:
    from regulars.flows.redeem_coupons import redeem_coupon
    from regulars.loyalty.coupons.rules import Guesser, GuesserKind

    guesser = Guesser(GuesserKind.STAFF, till)
    redeem_coupon(code=code, guesser=guesser, key=key, zone=zone(), at=datetime.now(UTC), spend_minor=50_00)
    return "redeemed"


def _at_once(count: int, connections: int, work: Callable[[int], str], came: Counter[str]) -> float:
    """Seconds for so many pieces of work over so many connections; what each came to is counted in `came`."""
    from django.db import connections as open_connections

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

    def run() -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if sum(came.values()) != count:
            raise SystemExit(f"Of {count} pieces of work {sum(came.values())} were done.")

    return _timed(run)


def _timed(what: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    what()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
