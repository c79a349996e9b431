"""The words of deliveries, filled in for each customer; the same again whenever they are looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from regulars.core.calendar import zone
from regulars.loyalty.coupons import codes
from regulars.loyalty.coupons import queries as coupons
from regulars.loyalty.coupons.rules import Promise, last_day
from regulars.loyalty.coupons.words import terms_said
from regulars.outreach import personal
from regulars.outreach.campaigns import content
from regulars.outreach.campaigns.rules import Message
from regulars.staff.rules import BusinessProfile


@dataclass(frozen=True, slots=True)
class Wanted:
    """A delivery whose words are asked for: who stands for the group, its language, what is said, its coupon."""

    id: int
    customer_id: int
    language: str
    content: Mapping[str, Mapping[str, str]]
    coupon_id: int | None


@dataclass(frozen=True, slots=True)
class Filled:
    """Subject and body for one customer; `code` as people see it, '' without a coupon."""

    subject: str
    body: str
    code: str


def fill_many(wanted: Sequence[Wanted], *, business: BusinessProfile, at: datetime) -> dict[int, Filled]:
    """Deliveries filled in, by id; one whose words cannot be filled in is left out."""
    known: dict[tuple[str, int], Mapping[str, str]] = {}
    for language in {one.language for one in wanted}:
        people = {one.customer_id: language for one in wanted if one.language == language}
        found = personal.values(people, business=business, at=at)
        known |= {(language, who): values for who, values in found.items()}
    promises = coupons.promises(sorted({one.coupon_id for one in wanted if one.coupon_id is not None}), at=at)
    filled = {}
    for one in wanted:
        promise = promises.get(one.coupon_id) if one.coupon_id is not None else None
        values = {"shop": business.name, **known.get((one.language, one.customer_id), {})}
        values |= _of_coupon(promise, one.language, business) if promise else {}
        told = one.content.get(one.language)
        try:
            said = content.fill(Message(told["subject"], told["body"]), values) if told else None
        except content.InvalidContent:
            said = None
        if said is not None:
            filled[one.id] = Filled(said.subject, said.body, values.get("code", ""))
    return filled


def _of_coupon(promise: Promise, language: str, business: BusinessProfile) -> dict[str, str]:
    return personal.coupon_values(
        language,
        offer=terms_said(promise.terms, business.currency),
        code=codes.shown(promise.code),
        last_day=last_day(promise.expires_at, zone(business.time_zone)),
    )
