"""What members tell of themselves: what they want to be called, and, once, when they were born."""

from datetime import date

from django.db import transaction

from regulars.core.errors import DomainError
from regulars.customers import queries
from regulars.customers.actions.arrivals import lock_one
from regulars.customers.models import Customer
from regulars.customers.rules import normalise_name

OLDEST = date(1900, 1, 1)


class BirthdayKnown(DomainError):
    """A birthday is told once: benefits hang on it. Staff correct a wrong one."""

    code = "birthday_known"


class BadBirthday(DomainError):
    """Nobody was born on such a day."""

    code = "bad_birthday"


@transaction.atomic
def tell(*, customer_id: int, name: str, birthday: date | None, today: date) -> None:
    """Keep a member's name and, if it was not known, their birthday.

    Raises:
        BirthdayKnown, BadBirthday: As they say.
    """
    canonical_id = lock_one(customer_id)
    known = queries.profile(customer_id)
    if canonical_id is None or known is None:
        return
    found: dict[str, object] = {}
    if (wanted := normalise_name(name)) and wanted != known.name:
        found["name"] = wanted
    if birthday is not None and birthday != known.birthday:
        if known.birthday is not None:
            raise BirthdayKnown("A birthday can be told once; ask in the shop to have it corrected.")
        if not OLDEST <= birthday <= today:
            raise BadBirthday("This is no day of birth.")
        found["birthday"] = birthday
    if found:
        Customer.objects.filter(pk=canonical_id).update(**found)
