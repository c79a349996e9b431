"""What a step came to, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.console import figures, sight
from regulars.console.access import StaffRequest
from regulars.console.context import business_of
from regulars.console.reader import said
from regulars.console.till.finding import Guest
from regulars.console.till.shown import Card, screen
from regulars.loyalty.coupons.codes import shown as coupon_shown
from regulars.loyalty.earning.rules import Counted
from regulars.loyalty.rewards import queries as rewards
from regulars.loyalty.till.rules import Shop, Step, StepKind


@dataclass(frozen=True, slots=True)
class Done:
    """A step that was taken: its title, what it gave, and how the guest's cards stand now."""

    step_id: int
    guest: Guest
    title: str
    given: list[str]
    paid: int | None
    off: int
    coupon: str
    fewer: bool
    undone: bool
    cards: list[Card]


def done_of(request: StaffRequest, guest: Guest, step: Step, shop: Shop) -> Done:
    """What to show after a step; sent again after it was undone, it says so."""
    shown = screen(request, guest, shop.policies)
    claim = rewards.of_id(step.claim_id).claim if step.claim_id else None
    title = said(claim.name) if claim else ""
    given = given_said(step.given, shop.policies.counted)
    fewer = bool(step.stamps) and sum(n for n in step.given.values() if n > 0) == 0
    return Done(
        step.id, guest, title, given, step.paid, step.off_minor,
        coupon_shown(claim.coupon_code) if claim and claim.coupon_code else "", fewer, step.undone_at is not None,
        shown.cards,
    )  # fmt: skip


def given_said(given: Mapping[str, int], counted: Mapping[str, Counted]) -> list[str]:
    """What was given and taken: +12 积分, −9 个印花."""
    found = []
    for code, amount in given.items():
        if code in counted:
            sign = "+" if amount > 0 else "−"
            found.append(sign + said(counted[code].of(abs(amount))))
    return found


def said_of(request: StaffRequest, step: Step) -> str:
    """A step in one line, for a list."""
    parts = []
    if step.kind is StepKind.REWARD and step.claim_id:
        parts.append(said(rewards.of_id(step.claim_id).claim.name))
    if step.paid is not None:
        parts.append(figures.money(step.paid, business_of(request).currency))
    if step.stamped:
        parts.append(ngettext("%(n)s stamp", "%(n)s stamps", step.stamped) % {"n": step.stamped})
    policies = sight.policies_of(request)
    if policies is not None and step.given:
        parts.append(", ".join(given_said(step.given, policies.counted)))
    return " · ".join(parts) or _("Nothing given")
