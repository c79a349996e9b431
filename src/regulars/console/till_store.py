"""The store that a person serves in: the only one, or the one chosen last in this browser."""

from typing import Final

from regulars.catalogue import queries as catalogue
from regulars.console.access import StaffRequest

CHOSEN: Final = "till-store"


def stores_of(request: StaffRequest) -> dict[str, str]:
    """The stores that this person may stand in: name by code."""
    if not hasattr(request, "till_stores"):
        mine = request.member.store_codes
        every = catalogue.store_codes()
        found = {code: name for code, name in every.items() if mine is None or code in mine}
        request.till_stores = found  # type: ignore[attr-defined]
    stores: dict[str, str] = request.till_stores  # type: ignore[attr-defined]
    return stores


def store_of(request: StaffRequest) -> str:
    """Code of the store that this till stands in, '' if nobody said."""
    stores = stores_of(request)
    if len(stores) == 1:
        return next(iter(stores))
    chosen = str(request.session.get(CHOSEN, ""))
    return chosen if chosen in stores else ""


def keep_store(request: StaffRequest, told: str | None) -> None:
    """Remember the store that was chosen; None where nothing was said."""
    if told is not None and told != request.session.get(CHOSEN) and (told == "" or told in stores_of(request)):
        request.session[CHOSEN] = told
