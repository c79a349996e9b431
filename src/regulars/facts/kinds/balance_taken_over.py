"""Balance Taken Over: what another programme said that a member had at the end of a day.

Body: balance ('points', 'growth', 'tier' or 'coupon'), and of it
- points: amount; expires_on, the last day on which they can be used (left out: always);
- growth: amount; earned_on, the day to which it belongs;
- tier: its code; until, the last day on which it is held;
- coupon: the id of the offer; code, the one that the coupon had there and keeps.
replaces is true where it contains all that the member had here before.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from regulars.facts.kinds import fields
from regulars.facts.rules import Body, MalformedFact

CODE = 9
NAME = "Balance Taken Over"
MOST = 10**9
"""More points than this for one member are a typing error."""


def points(amount: int, *, expires_on: date | None, replaces: bool) -> Body:
    """So many points, to be used through a day."""
    body: Body = {"balance": "points", "amount": amount}
    if expires_on is not None:
        body["expires_on"] = expires_on.isoformat()
    return _with(body, replaces)


def growth(amount: int, *, earned_on: date, replaces: bool) -> Body:
    """So much growth, as if earned on a day."""
    return _with({"balance": "growth", "amount": amount, "earned_on": earned_on.isoformat()}, replaces)


def tier(code: str, *, until: date, replaces: bool) -> Body:
    """A tier, held through a day."""
    return _with({"balance": "tier", "tier": code, "until": until.isoformat()}, replaces)


def coupon(offer_id: int, code: str = "") -> Body:
    """A coupon on an offer; it keeps its code."""
    body: Body = {"balance": "coupon", "offer": offer_id}
    return body | {"code": code} if code else body


def normalise(properties: Mapping[str, Any], currency: str) -> Body:
    """The body of raw properties.

    Raises:
        MalformedFact: A field is missing or wrong.
    """
    replaces = properties.get("replaces") is True
    match fields.text(properties, "balance", required=True):
        case "points":
            return points(_amount(properties), expires_on=_day(properties, "expires_on"), replaces=replaces)
        case "growth":
            return growth(_amount(properties), earned_on=_required(properties, "earned_on"), replaces=replaces)
        case "tier":
            code = fields.text(properties, "tier", required=True)
            return tier(code, until=_required(properties, "until"), replaces=replaces)
        case _:
            raise MalformedFact("balance must be points, growth or tier.", field="balance")


def _with(body: Body, replaces: bool) -> Body:
    return body | {"replaces": True} if replaces else body


def _amount(properties: Mapping[str, Any]) -> int:
    told = properties.get("amount")
    if type(told) is not int or not 0 <= told <= MOST:
        raise MalformedFact("amount must be a whole number from 0 to a billion.", field="amount")
    return told


def _required(properties: Mapping[str, Any], name: str) -> date:
    found = _day(properties, name)
    if found is None:
        raise MalformedFact(f"{name} is missing.", field=name)
    return found


def _day(properties: Mapping[str, Any], name: str) -> date | None:
    told = fields.text(properties, name)
    try:
        return date.fromisoformat(told) if told else None
    except ValueError as error:
        raise MalformedFact(f"{name} must be a day such as 2026-12-31.", field=name) from error
