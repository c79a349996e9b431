"""What has to be known about a file of orders besides its columns."""

from dataclasses import dataclass
from datetime import datetime

import phonenumbers

from regulars.core.errors import DomainError
from regulars.facts.reading.columns import Field, Mapping
from regulars.facts.reading.dates import LATEST

MONEY_FIELDS = (Field.PAID, Field.TOTAL, Field.LINE_AMOUNT, Field.PRICE)
REGIONS = {
    "CNY": "CN", "HKD": "HK", "MOP": "MO", "TWD": "TW", "SGD": "SG", "MYR": "MY", "JPY": "JP", "KRW": "KR", "USD": "US",
    "CAD": "CA", "GBP": "GB", "AUD": "AU", "NZD": "NZ", "INR": "IN", "THB": "TH", "VND": "VN", "IDR": "ID", "PHP": "PH",
    "AED": "AE", "EUR": "DE", "CHF": "CH", "BRL": "BR", "MXN": "MX", "ZAR": "ZA",
}  # fmt: skip
"""Country of phone numbers that are written without one, as far as the currency tells."""


class MappingIncomplete(DomainError):
    """A column that orders cannot do without is not chosen."""

    code = "mapping_incomplete"


class AmbiguousDates(DomainError):
    """05/01/2024 all over the column: only a person knows whether days or months come first."""

    code = "ambiguous_dates"


class UnknownSetting(DomainError):
    """A setting has a value that means nothing."""

    code = "unknown_setting"


@dataclass(frozen=True, slots=True)
class OrderSettings:
    """Settings of one import.

    Args:
        source: The system that numbered the orders; external customer ids belong to it too.
        time_zone: Zone of times without an offset. region: Country of phone numbers without one.
        day_first: For dates such as 05/01/2024; None: as the column shows, else AmbiguousDates.
        paid_per: 'order' if the paid column repeats the order's total on each row, 'line' if each row has its own part,
            '' for as the file shows.
        channel: 'store' or 'online' where the file does not say.
        latest: Nothing happens at or after this; give tomorrow.
    """

    source: str
    time_zone: str
    currency: str
    region: str = "CN"
    day_first: bool | None = None
    paid_per: str = ""
    channel: str = "store"
    latest: datetime = LATEST

    def check(self) -> None:
        """Refuse settings that mean nothing.

        Raises:
            UnknownSetting: One does.
        """
        if self.paid_per not in ("", "order", "line"):
            raise UnknownSetting(f"paid_per is 'order' or 'line', not {self.paid_per!r}.")
        if self.channel not in ("store", "online"):
            raise UnknownSetting(f"channel is 'store' or 'online', not {self.channel!r}.")
        if self.region not in phonenumbers.SUPPORTED_REGIONS:
            raise UnknownSetting(f"region is a country such as CN, not {self.region!r}.")
        if not self.source.strip() or len(self.source) > 100:
            raise UnknownSetting("Name the system that numbered the orders, in at most 100 characters.")


def region_of(currency: str) -> str:
    """The country that phone numbers without one likely belong to."""
    return REGIONS.get(currency, "CN")


def require_columns(mapping: Mapping) -> None:
    """Refuse a mapping without a time or without money.

    Raises:
        MappingIncomplete: It says which is missing.
    """
    if Field.OCCURRED_AT not in mapping.columns:
        raise MappingIncomplete("Choose the column with the time of the order.", field=str(Field.OCCURRED_AT))
    if not any(field in mapping.columns for field in MONEY_FIELDS):
        raise MappingIncomplete("Choose the column with what was paid, or with the price.", field=str(Field.PAID))
