"""The card: who somebody is here, what they have, and the code that the till scans."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.core import drawn_codes
from regulars.customers import queries as customers
from regulars.customers.cards import actions as cards
from regulars.customers.cards import queries as faces
from regulars.customers.enrolling import queries as members
from regulars.ledger import statements as ledger
from regulars.ledger.rules import Currency
from regulars.loyalty.earning.rules import Counted
from regulars.loyalty.membership import number_of
from regulars.loyalty.rewards.catalogue import said_name
from regulars.loyalty.rewards.choosing import Choice
from regulars.portal.access import Visit, member_reads
from regulars.portal.shown import shown
from regulars.portal.standing import choices_of, endings, stamps, tier_of

RECOMMENDED = 2


@dataclass(frozen=True, slots=True)
class Offered:
    """A reward on the card: its name and its price."""

    name: str
    price: str
    can: bool


@member_reads
def card(visit: Visit) -> HttpResponse:
    """The first page."""
    policies, who = visit.policies(), customers.profile(visit.customer_id)
    held = ledger.balances_by_currency([visit.customer_id], at=visit.now)[visit.customer_id]
    context: dict[str, object] = {
        "name": who.name if who else "",
        "greeting": _greeting(visit),
        "number": number_of(visit.customer_id),
        "points": held[Currency.POINTS],
        "maturing": [
            (timezone.localtime(at).date(), n) for at, n in ledger.maturing(visit.customer_id, at=visit.now, most=1)
        ],
        "ending": next(iter(endings(visit, most=1)), None),
        "unjoined": members.joined(visit.customer_id) is None,
        **_face(visit),
    }
    if policies is not None:
        choices = choices_of(visit, policies)
        context |= {
            "tier": tier_of(visit, policies),
            "stamps": stamps(visit, policies, held, choices),
            "recommended": [_offered(visit, one, policies.counted) for one in choices.rewards[:RECOMMENDED]],
        }
    return shown(visit, "card", context, tab="card")


@member_reads
def code(visit: Visit) -> HttpResponse:
    """The code alone, for a card that stays open."""
    return shown(visit, "_code", _face(visit))


def _face(visit: Visit) -> dict[str, object]:
    card_id = cards.open_card(customer_id=visit.customer_id, at=visit.now)
    face = faces.face(card_id, at=visit.now)
    return {"face": face, "drawn": "" if face.is_used else drawn_codes.qr(face.token, name=_("Your code for the till"))}


def _offered(visit: Visit, one: Choice, counted: Mapping[str, Counted]) -> Offered:
    terms = one.reward.terms
    price = counted[terms.currency].of(terms.points).said(visit.words) if terms.currency in counted else ""
    return Offered(said_name(terms).said(visit.words), price, one.refused is None)


def _greeting(visit: Visit) -> str:
    hour = timezone.localtime(visit.now).hour
    if hour < 5 or hour >= 18:
        return _("Good evening")
    return _("Good morning") if hour < 12 else _("Good afternoon")
