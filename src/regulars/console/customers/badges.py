"""The badges of a customer on their page."""

from dataclasses import dataclass

from regulars.console import sight
from regulars.console.access import StaffRequest
from regulars.console.reader import said
from regulars.loyalty.badges.telling import badges_of
from regulars.loyalty.rules import Policies


@dataclass(frozen=True, slots=True)
class BadgeLine:
    """A badge in the reader's language."""

    name: str
    says: str
    icon: str
    why: str


def badges_card(request: StaffRequest, customer_id: int, policies: Policies | None) -> dict[str, object]:
    """What the card shows; nothing where the programme gives no badges."""
    found = badges_of(customer_id, policies, sight.zone_of(request))
    return {"badges": [BadgeLine(said(one.name), said(one.says), one.icon, said(one.why)) for one in found]}
