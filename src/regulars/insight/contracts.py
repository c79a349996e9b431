"""Reading contracts in the picture: who holds them, their risks and reasons, and what is known of them as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regulars.insight import queries

if TYPE_CHECKING:
    from regulars.insight.compute.browse import Row
    from regulars.insight.compute.contract_files import Contracts, Wanted
    from regulars.insight.compute.pictures import Picture


def contracts(picture: Picture | None = None) -> Contracts | None:
    """What the picture says of contracts as a whole; None where the shop has none, or there is no picture."""
    seen = picture or queries.picture()
    return _files().contracts_of(seen.file.parent) if seen else None


def count(picture: Picture, wanted: Wanted) -> int:
    """How many contracts a list has."""
    found: int = _files().count(picture.file.parent, picture.day, wanted)
    return found


def page(picture: Picture, wanted: Wanted, *, sort: str, limit: int, offset: int = 0) -> list[Row]:
    """A page of contracts that run."""
    found: list[Row] = _files().page(
        picture.file.parent, picture.day, wanted, sort=sort, limit=limit, offset=offset
    )  # fmt: skip
    return found


def of_customer(picture: Picture, customer_id: int) -> list[Row]:
    """The contracts of a customer who stands for their group, those that run first."""
    found: list[Row] = _files().of_customer(picture.file.parent, picture.day, customer_id)
    return found


def _files() -> Any:
    from regulars.insight.compute import contract_files

    return contract_files
