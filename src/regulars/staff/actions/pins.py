"""The number with which a manager allows at a till what is above a cashier's limit."""

from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from regulars.core.errors import DomainError
from regulars.staff import queries, rules
from regulars.staff.actions.audit import record
from regulars.staff.models import User
from regulars.staff.rules import Actor

SHORTEST, LONGEST = 6, 12
STEPS = "01234567890123456789", "98765432109876543210"


class WeakPin(DomainError):
    """Not 6 to 12 digits, or digits that anybody tries first."""

    code = "weak_pin"


@transaction.atomic
def set_pin(*, user_id: int, pin: str, by: Actor, at: datetime) -> None:
    """Set somebody's PIN, or take it away with ''. Only its hash is kept.

    Raises:
        WeakPin: It is too short, too long, or too easy to guess.
    """
    if pin and not _is_good(pin):
        raise WeakPin(f"A PIN has {SHORTEST} to {LONGEST} digits, and not 111111 or 123456.")
    User.objects.filter(pk=user_id).update(till_pin=make_password(pin) if pin else "")
    record(by=by, action="staff.pin", at=at, subject_kind="user", subject_id=user_id, detail={"set": bool(pin)})


def is_pin(*, user_id: int, pin: str, store: str) -> bool:
    """Whether this is the PIN of somebody who may allow things in this shop ('': in some shop)."""
    member = queries.member(user_id)
    if member is None or "till.allow" not in member.capabilities or not member.has_pin:
        return False
    if store and not rules.may_see_store(member.store_codes, store):
        return False
    return check_password(pin, User.objects.values_list("till_pin", flat=True).get(pk=user_id))


def _is_good(pin: str) -> bool:
    right = pin.isascii() and pin.isdecimal() and SHORTEST <= len(pin) <= LONGEST
    return right and len(set(pin)) > 1 and not any(pin in steps for steps in STEPS)
