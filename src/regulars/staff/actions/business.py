"""Saying who the business is."""

import re
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from regulars.core.calendar import zone
from regulars.core.errors import DomainError
from regulars.staff import queries
from regulars.staff.actions.audit import record
from regulars.staff.models import Business
from regulars.staff.rules import NEVER_FREEZES, Actor, BusinessProfile
from regulars.staff.trades import TRADES, UnknownTrade

LANGUAGES = ("zh-hans", "en")
MOST_WORTH = 10**9
MINUTES_OF_A_DAY = 1440
"""Points, and minor units, in which somebody says what points are worth."""


class UnknownCurrency(DomainError):
    """Not the three letters of a currency."""

    code = "unknown_currency"


class UnknownLanguage(DomainError):
    """Regulars does not speak it."""

    code = "unknown_language"


class InvalidWorth(DomainError):
    """Points are worth no such amount."""

    code = "invalid_worth"


class InvalidTillSettings(DomainError):
    """A limit of the till that cannot be meant."""

    code = "invalid_till_settings"


class InvalidRiskSettings(DomainError):
    """A score or a limit that cannot be meant."""

    code = "invalid_risk_settings"


@transaction.atomic
def change_business(*, by: Actor, at: datetime, **changes: Any) -> BusinessProfile:
    """Change fields of the business's profile; those not named stay as they are, but for what points are worth, which
    has to be said again in another currency.

    Raises:
        UnknownTimeZone: `time_zone` is not an IANA name.
        UnknownCurrency: `currency` is not three capital letters.
        UnknownLanguage: `language` is not one that Regulars speaks.
        UnknownTrade: `trade` is neither a known trade nor ''.
        InvalidWorth: `worth_points` or `worth_minor` is out of range.
        InvalidRiskSettings: A score for risk, or the limit from which two people decide, is out of range.
        InvalidTillSettings: The points above which a till asks, or the minutes in which it undoes, are out of range.
    """
    # The row is made first and then locked, so that of two changes at once neither overwrites the other's fields.
    Business.objects.bulk_create([Business(**asdict(BusinessProfile()))], ignore_conflicts=True)
    Business.objects.select_for_update(no_key=True).get(pk=1)
    before = queries.business()
    after = replace(before, **changes)
    if after.currency != before.currency and "worth_minor" not in changes:
        after = replace(after, worth_points=0, worth_minor=0)  # it was said in another money
    zone(after.time_zone)
    if not re.fullmatch(r"[A-Z]{3}", after.currency):
        raise UnknownCurrency("Write the currency as three capital letters, such as CNY.")
    if after.language not in LANGUAGES:
        raise UnknownLanguage(f"The language is one of {', '.join(LANGUAGES)}.")
    if after.trade and after.trade not in TRADES:
        raise UnknownTrade(f"The trade is one of {', '.join(TRADES)}.")
    if not 0 <= after.worth_points <= MOST_WORTH or not 0 <= after.worth_minor <= MOST_WORTH * bool(after.worth_points):
        raise InvalidWorth("Say what a number of points is worth, such as 100 points for 1.")
    _check_risk(after)
    changed = [field.name for field in fields(after) if getattr(before, field.name) != getattr(after, field.name)]
    if changed:
        Business.objects.filter(pk=1).update(**asdict(after))
        record(
            by=by, action="settings.change", at=at, subject_kind="business", subject_id=1, detail={"fields": changed}
        )
    return after


def _check_risk(profile: BusinessProfile) -> None:
    scores_fit = 1 <= profile.risk_review_score <= 100 and 1 <= profile.risk_freeze_score <= NEVER_FREEZES
    if not scores_fit or not 0 <= profile.second_person_points <= MOST_WORTH:
        raise InvalidRiskSettings("Scores lie between 1 and 100, and the limit for one person is 0 or more points.")
    if not 0 <= profile.till_points <= MOST_WORTH or not 1 <= profile.till_undo_minutes <= MINUTES_OF_A_DAY:
        raise InvalidTillSettings("The limit is 0 or more points, and a step is undone within 1 to 1,440 minutes.")
