"""A table of what members have in another programme, as it stood at the end of one day."""

from regulars.facts.connectors.balances_file.connector import BalancesFile
from regulars.facts.connectors.balances_file.rows import Balance
from regulars.facts.connectors.balances_file.settings import (
    BalanceSettings,
    CodeTaken,
    DayNotOver,
    NotBalances,
    OfferNamed,
    UnknownColumn,
    recognise,
)

__all__ = [
    "Balance",
    "BalanceSettings",
    "BalancesFile",
    "CodeTaken",
    "DayNotOver",
    "NotBalances",
    "OfferNamed",
    "UnknownColumn",
    "recognise",
]
