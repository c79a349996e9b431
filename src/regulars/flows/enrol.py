"""Enrol: who joins is found or made, and is welcomed once, by a fact that earning rules reward."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from regulars.core.calendar import business_date
from regulars.customers import actions as customers
from regulars.customers.enrolling import actions as enrolling
from regulars.customers.enrolling import queries as members
from regulars.customers.enrolling.rules import Joining, check
from regulars.facts.kinds import member_enrolled
from regulars.facts.rules import Answer, NewFact
from regulars.flows.record_facts import record_facts
from regulars.flows.transactions import again_if_contended
from regulars.loyalty.rules import Policies

SOURCE = "regulars"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Who joined (who stands for the group), and whether they were no member until now."""

    customer_id: int
    is_new: bool


def enrol(*, joining: Joining, policies: Policies, zone: ZoneInfo, at: datetime) -> Enrolled:
    """Make somebody a member. Sent twice, or by somebody who is one, it changes nothing but what they want to hear of.

    Raises:
        NobodyNamed, GuardianNeeded, TextsChanged: As they say.
    """
    charter, privacy = members.current_versions()
    day = business_date(at, zone)
    check(joining, today=day, charter=charter, privacy=privacy)
    customer_id = again_if_contended(lambda: _found(joining, day, at))
    is_new: list[bool] = []

    def also(_: list[Answer]) -> None:
        customers.lock_groups([customer_id])
        is_new[:] = [enrolling.keep(customer_id=customer_id, joining=joining, at=at)]

    told = NewFact(
        SOURCE, member_enrolled.CODE, f"member:{customer_id}", at, member_enrolled.make_body(joining.place),
        joining.identities, store=joining.store or None,
    )  # fmt: skip
    known = members.joined(customer_id) is not None
    record_facts(facts=[] if known else [told], policies=policies, zone=zone, at=at, also=also)
    return Enrolled(customer_id, is_new[0])


def _found(joining: Joining, day: date, at: datetime) -> int:
    arrival = customers.Arrival(joining.identities, joining.profile, day)
    found = customers.identify(arrivals=[arrival], at=at)
    return found.owners[found.ids[0] or 0][1]
