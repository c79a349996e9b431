"""Where facts come from. A new connector is one file (or folder) here, one line in CONNECTORS, one test."""

from collections.abc import Iterator
from typing import ClassVar, Protocol

from regulars.facts.connectors.balances_file import BalancesFile
from regulars.facts.connectors.complete_journey import CompleteJourney
from regulars.facts.connectors.contracts_file import ContractsFile
from regulars.facts.connectors.orders_file import OrdersFile
from regulars.facts.connectors.report import CheckReport, ProductRow
from regulars.facts.rules import NewFact


class Connector(Protocol):
    """What every connector can do. Nothing is written by any of it."""

    NAME: ClassVar[str]

    def check(self) -> CheckReport:
        """Read everything; say what there is and what is wrong with it."""
        ...

    def facts(self) -> Iterator[NewFact]:
        """Every fact, earliest first."""
        ...

    def products(self) -> Iterator[ProductRow]:
        """What is known about products."""
        ...


CONNECTORS: dict[str, type[Connector]] = {
    OrdersFile.NAME: OrdersFile,
    CompleteJourney.NAME: CompleteJourney,
    ContractsFile.NAME: ContractsFile,
    BalancesFile.NAME: BalancesFile,
}
"""Name → connector. Each takes arguments of its own."""
