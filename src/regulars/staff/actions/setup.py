"""The first owner of a new instance."""

from datetime import datetime

from django.db import transaction

from regulars.core.errors import DomainError
from regulars.staff.actions.business import change_business
from regulars.staff.actions.people import NewMember, create_user
from regulars.staff.models import User
from regulars.staff.rules import SYSTEM


class AlreadySetUp(DomainError):
    """Somebody works here already."""

    code = "already_set_up"


@transaction.atomic
def set_up_business(
    *, business: str, time_zone: str, currency: str, language: str, email: str, name: str, password: str, at: datetime,
    trade: str = "",
) -> NewMember:  # fmt: skip
    """Say who the business is and add its first owner, both or neither.

    The row of the business is the lock: of two visitors at once the second waits for the first and is then refused.

    Raises:
        AlreadySetUp: Somebody works here already.
        UnknownTimeZone, UnknownCurrency, UnknownLanguage, UnknownTrade, BadEmail, WeakPassword: What the name says.
    """
    change_business(
        by=SYSTEM, at=at, name=business.strip()[:100], time_zone=time_zone, currency=currency, language=language,
        trade=trade,
    )  # fmt: skip
    if User.objects.exists():
        raise AlreadySetUp("Somebody has set this up already.")
    return create_user(email=email, role="owner", name=name, language=language, password=password, by=SYSTEM, at=at)
