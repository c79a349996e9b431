"""What a cashier's form says, as a step, and what a refusal means for the person at the till."""

from datetime import date, datetime
from typing import Final

from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from regulars.console import actors, figures
from regulars.console.access import StaffRequest
from regulars.console.context import business_of
from regulars.console.reader import said
from regulars.console.rewards.words import names_of, refusal
from regulars.console.till_store import store_of
from regulars.console.typed import whole_number
from regulars.core.errors import DomainError
from regulars.core.money import InvalidAmount, to_minor
from regulars.flows.settings import programme
from regulars.loyalty.coupons.rules import CouponRefused, Guesser, GuesserKind
from regulars.loyalty.coupons.words import refusal_said
from regulars.loyalty.till.rules import Serve, Shop
from regulars.staff import queries as staff
from regulars.staff.rules import StaffMember

LONGEST: Final = 40
MOST_CODES: Final = 10


class AmountWrong(DomainError):
    """Not an amount of money."""

    code = "invalid_amount"


def shop_of(request: StaffRequest) -> Shop:
    """What holds where this till stands.

    Raises:
        InvalidPolicy: There is no programme yet.
    """
    policies, zone = programme()
    business = business_of(request)
    return Shop(policies, zone, business.currency, business.till_points, business.till_undo_minutes)


def guesser_of(request: StaffRequest) -> Guesser:
    """Whose wrong codes are counted."""
    return Guesser(GuesserKind.STAFF, request.member.id)


def serve_of(request: StaffRequest, customer_id: int, at: datetime) -> Serve:
    """What the form asks for.

    Raises:
        AmountWrong: Not an amount of money.
    """
    post = request.POST
    return Serve(
        key=post.get("key", "")[:LONGEST],
        customer_id=customer_id,
        actor=actors.key_of(request.actor),
        at=at,
        amount=amount_of(post.get("amount", ""), business_of(request).currency),
        stamps=_stamps(post),
        coupons=tuple(post.getlist("coupon")[:MOST_CODES]),
        benefits=tuple(post.getlist("benefit")[:MOST_CODES]),
        reward=post.get("reward", "")[:LONGEST],
        store=store_of(request),
    )


def amount_of(typed: str, currency: str) -> int | None:
    """An amount in minor units; None where nothing was typed.

    Raises:
        AmountWrong: Not an amount of money, or below zero.
    """
    told = typed.strip().replace(",", "").replace("，", "").lstrip("¥￥$€£")
    if not told:
        return None
    try:
        amount = to_minor(told, currency)
    except InvalidAmount as error:
        raise AmountWrong(str(error)) from error
    if amount < 0:
        raise AmountWrong("An order comes to nothing less than zero.")
    return amount


def _stamps(post: QueryDict) -> dict[str, int]:
    """So many stamps by event: `event-0` names the event of `stamps-0`."""
    found: dict[str, int] = {}
    for name in post:
        if name.startswith("stamps-") and (times := whole_number(post.get(name, "").strip(), 4)):
            found[post.get(f"event-{name[7:]}", "")[:100]] = times
    return found


def refused(request: StaffRequest, error: DomainError) -> str:
    """Why something cannot be done, in the cashier's language."""
    if error.code == "invalid_amount":
        return _("Write the amount as a number, for instance 48.50.")
    if error.code in SAID:
        numbers = {name: figures.count(value) for name, value in error.context.items() if isinstance(value, int)}
        return str(SAID[error.code]()) % numbers
    context = dict(error.context)
    if isinstance(day := context.get("day"), date):
        context["day"] = date_format(day, "SHORT_DATE_FORMAT")
    if isinstance(error, CouponRefused):
        words = refusal_said(type(error)(str(error), **context), business_of(request).currency)
        if words:
            return said(words)
    return refusal(error, names_of(request))


SAID: Final = {
    "nothing_to_record": lambda: _("Type what was paid, or give a stamp."),
    "too_many_stamps": lambda: _("At most %(most)s stamps at once."),
    "no_such_stamp": lambda: _("The programme gives nothing for this stamp now."),
    "till_key_missing": lambda: _("Open the guest again: this screen is too old."),
    "nothing_to_undo": lambda: _("Only your own last step can be undone, and only for %(minutes)s minutes."),
    "off_changed": lambda: _("What is taken off has changed. Look at it again."),
    "manager_needed": lambda: _("This moves %(points)s points; above %(most)s a manager allows it with their PIN."),
    "wrong_pin": lambda: _("This is not the manager's PIN."),
    "too_many_guesses": lambda: _("Too many wrong tries. Wait some minutes."),
    "too_late": lambda: _("This is told more than %(days)s days late."),
    "too_far_ahead": lambda: _("The clock of this device is wrong."),
    "nobody": lambda: _("Nobody has this member number."),
    "key_reused": lambda: _("This was sent before with other contents. Open the guest again, and have a look."),
}
"""Words of the till itself, by the code of what is refused."""


def managers_of(request: StaffRequest) -> list[StaffMember]:
    """Who may allow something in this shop, and has a PIN."""
    store = store_of(request)
    return [
        one
        for one in staff.staff()
        if one.has_pin
        and "till.allow" in one.capabilities
        and (not store or one.store_codes is None or store in one.store_codes)
    ]
