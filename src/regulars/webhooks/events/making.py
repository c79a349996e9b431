"""Events from facts and changes: many at once, one look at a room for each kind of change."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from regulars.changes.rules import Change, ChangeKind
from regulars.customers import noted as customers
from regulars.facts import noted as facts
from regulars.facts.kinds import order_refunded
from regulars.facts.queries import FedFact
from regulars.loyalty import noted as loyalty
from regulars.loyalty import queries as loyalty_queries
from regulars.loyalty.checkout import noted as checkout
from regulars.loyalty.rules import ItemKind, Policies
from regulars.webhooks.events import coupons, points
from regulars.webhooks.events.catalogue import OF_CHANGES, OF_FACTS
from regulars.webhooks.rules import Event


@dataclass(frozen=True, slots=True)
class Told:
    """What the business is told of by: its programme and its currency."""

    policies: Policies
    currency: str


def of_facts(fed: Iterable[FedFact], *, kinds: frozenset[str]) -> list[Event]:
    """Orders, refunds and cancellations, by their numbers only."""
    wanted = [fact for fact in fed if OF_FACTS.get(fact.kind, "") in kinds]
    if not wanted:
        return []
    named = facts.named({fact.id for fact in wanted})
    groups = customers.groups_by_identity({fact.identity_id for fact in wanted if fact.identity_id is not None})
    made = []
    for fact in wanted:
        name = named[fact.id]
        data: dict[str, Any] = {
            "order": {"source": name.source, "id": name.order},
            "fact_id": fact.id,
            "occurred_at": fact.occurred_at.isoformat(),
        }
        if fact.kind == order_refunded.CODE:
            data["refund_id"] = fact.key
        made.append(_about(OF_FACTS[fact.kind], name.recorded_at, data, groups.get(fact.identity_id or 0)))
    return made


def of_changes(changes: Sequence[Change], *, kinds: frozenset[str], told: Told) -> list[Event]:
    """What these changes come to, as far as somebody wants to hear of it; roughly in their order."""
    by_kind: dict[ChangeKind, list[Change]] = {}
    for change in changes:
        if kinds.intersection(OF_CHANGES[change.kind]):
            by_kind.setdefault(change.kind, []).append(change)
    made = [event for kind, found in by_kind.items() for event in MAKERS[kind](found, told) if event.kind in kinds]
    return sorted(made, key=lambda event: event.at)


def of_days(*, after: date, upto: date, at: datetime, told: Told) -> list[Event]:
    """Who came into another tier by date alone."""
    return [
        _tier(one.customer_id, one.before, one.after, one.day, at, told)
        for one in loyalty.tiers_by_date(after=after, upto=upto)
    ]


def _points(changes: Sequence[Change], told: Told) -> list[Event]:
    return points.changed(_ids(changes))


def _tiers(changes: Sequence[Change], told: Told) -> list[Event]:
    made = []
    for change in changes:
        day = change.at.astimezone(told.policies.at(change.at).zone).date()
        threes = zip(*[iter(change.ids)] * 3, strict=True)
        made += [_tier(who, before, after, day, change.at, told) for who, before, after in threes]
    return made


def _tier(customer_id: int, before: int, after: int, day: date, at: datetime, told: Told) -> Event:
    tiers = told.policies.on(day).tiers
    was, is_now = (tiers[min(place, len(tiers) - 1)] for place in (before, after))
    data = {
        "from": {"code": was.code, "name": was.names},
        "to": {"code": is_now.code, "name": is_now.names},
        "day": day.isoformat(),
    }
    return _about("tier.changed", at, data, customer_id)


def _commands(changes: Sequence[Change], told: Told) -> list[Event]:
    made = []
    commands = loyalty_queries.commands_by_ids(_ids(changes))
    steps = checkout.steps_of({command.refers_to for command in commands.values() if command.refers_to is not None})
    for command in commands.values():
        if command.kind == ItemKind.FREEZE:
            made.append(_about("member.frozen", command.at, {}, command.customer_id))
        elif command.kind == ItemKind.UNFREEZE:
            made.append(_about("member.released", command.at, {}, command.customer_id))
        elif command.kind == ItemKind.RELEASE:
            data = {**steps.get(command.refers_to or 0, {}), "points": command.amount}
            made.append(_about("checkout.hold_ended", command.at, data, command.customer_id))
    return made


def _issued(changes: Sequence[Change], told: Told) -> list[Event]:
    return coupons.issued(_ids(changes))


def _voided(changes: Sequence[Change], told: Told) -> list[Event]:
    return coupons.voided(_ids(changes))


def _redeemed(changes: Sequence[Change], told: Told) -> list[Event]:
    return coupons.redeemed(_ids(changes), currency=told.currency)


def _returned(changes: Sequence[Change], told: Told) -> list[Event]:
    return coupons.returned(_ids(changes), currency=told.currency)


def _created(changes: Sequence[Change], told: Told) -> list[Event]:
    return [_about("customer.created", change.at, {}, one) for change in changes for one in change.ids]


def _merged(changes: Sequence[Change], told: Told) -> list[Event]:
    return _pairs(changes, "customer.merged")


def _parted(changes: Sequence[Change], told: Told) -> list[Event]:
    return _pairs(changes, "customer.parted")


def _pairs(changes: Sequence[Change], kind: str) -> list[Event]:
    pairs = customers.merged_pairs(_ids(changes))
    return [
        Event(kind, change.at, {}, {"customer": pairs[one].parent_id, "merged": pairs[one].child_id})
        for change in changes
        for one in change.ids
    ]


def _about(kind: str, at: datetime, data: Mapping[str, Any], customer_id: int | None) -> Event:
    return Event(kind, at, data, {} if customer_id is None else {"customer": customer_id})


def _ids(changes: Sequence[Change]) -> list[int]:
    return [one for change in changes for one in change.ids]


MAKERS: Final[Mapping[ChangeKind, Callable[[Sequence[Change], Told], list[Event]]]] = {
    ChangeKind.POINTS: _points,
    ChangeKind.TIERS: _tiers,
    ChangeKind.COMMANDS: _commands,
    ChangeKind.COUPONS_ISSUED: _issued,
    ChangeKind.COUPONS_VOIDED: _voided,
    ChangeKind.COUPON_USES: _redeemed,
    ChangeKind.COUPON_USES_UNDONE: _returned,
    ChangeKind.CUSTOMERS: _created,
    ChangeKind.MERGES: _merged,
    ChangeKind.MERGES_UNDONE: _parted,
}
