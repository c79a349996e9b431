"""What people choose from: time zones, currencies, languages, roles."""

from functools import cache
from zoneinfo import available_timezones

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.console.context import ROLE_LABELS
from regulars.console.figures import SYMBOLS

USUAL_ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Australia/Sydney",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "UTC",
)
LANGUAGES: list[tuple[str, str]] = [("zh-hans", "中文"), ("en", "English")]
ROLES: list[tuple[str, Promise]] = [
    ("viewer", ROLE_LABELS["viewer"]),
    ("cashier", ROLE_LABELS["cashier"]),
    ("store_manager", ROLE_LABELS["store_manager"]),
    ("service", ROLE_LABELS["service"]),
    ("marketer", ROLE_LABELS["marketer"]),
    ("owner", ROLE_LABELS["owner"]),
]
ROLE_NOTES: dict[str, Promise] = {
    "viewer": _("Looks at figures, customers and the ledger; changes nothing."),
    "cashier": _("Serves guests at the till and sees nothing else."),
    "store_manager": _("Serves guests, sees the day of their own stores, and allows what is above a cashier's limit."),
    "service": _("Helps customers: edits them, corrects points, merges duplicates."),
    "marketer": _("Works with customers, exports lists, imports orders."),
    "owner": _("May do everything, also settings and staff."),
}
OTHER_CURRENCIES = (
    "AED BHD BRL CHF CLP DKK IDR JOD KWD MOP MXN NOK NZD OMR PHP PLN SEK TND TRY ZAR".split()  # noqa: SIM905
)


def currencies() -> list[tuple[str, str]]:
    """Codes of currencies with their signs."""
    known = [(code, f"{code} {sign}") for code, sign in SYMBOLS.items()]
    return known + [(code, code) for code in OTHER_CURRENCIES]


@cache
def _every_zone() -> tuple[str, ...]:
    left_out = ("Etc/", "posix", "right", "SystemV")
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith(left_out)))


def time_zones() -> list[tuple[Promise | str, list[tuple[str, str]]]]:
    """IANA zones, the usual ones first."""
    usual = [(name, name) for name in USUAL_ZONES]
    return [(_("Often chosen"), usual), (_("All"), [(name, name) for name in _every_zone()])]
