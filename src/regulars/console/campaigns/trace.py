"""Decisions of a campaign as lines of a list, be they made or only those that a start would make now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.utils.translation import gettext as _

from regulars.console.lines import customer_url, shown_phone
from regulars.console.reader import said
from regulars.core.bilingual import Text
from regulars.customers import queries as customers
from regulars.decisions.rules import Outcome
from regulars.loyalty.membership import number_of
from regulars.outreach.campaigns import listing, words
from regulars.outreach.campaigns.listing import Became
from regulars.outreach.campaigns.rules import CampaignView
from regulars.outreach.deliveries import words as delivery_words

OUTCOMES: Final[Mapping[Outcome, tuple[Text, str]]] = {
    Outcome.CHOSEN: (Text("会收到", "Gets it"), "ok"),
    Outcome.HELD_OUT: (Text("留出不发", "Left out by lot"), "warn"),
    Outcome.SUPPRESSED: (Text("不发", "Does not get it"), "mute"),
}
WAS_CHOSEN: Final = Text("选中", "Chosen")
"""Once it is decided: what became of the message is told beside it."""
DELIVERY_TONES: Final = {"sent": "ok", "refused": "err", "unknown": "warn", "suppressed": "mute", "skipped": "mute"}


class Decided(Protocol):
    """What decisions and the lines of a dry run have in common."""

    @property
    def customer_id(self) -> int:
        """Whom it is about."""

    @property
    def outcome(self) -> Outcome:
        """What was decided."""

    @property
    def reason(self) -> str:
        """A code that says why."""

    @property
    def numbers(self) -> Mapping[str, Any]:
        """For the words of the reason."""


class Counted(Protocol):
    """How many customers were, or would be, decided this way for this reason."""

    @property
    def outcome(self) -> Outcome:
        """What was decided."""

    @property
    def reason(self) -> str:
        """A code that says why."""

    @property
    def customers(self) -> int:
        """How many."""


@dataclass(frozen=True, slots=True)
class Line:
    """What was, or would be, decided about a customer, and why; `ended` says what became of the message."""

    customer_id: int
    url: str
    number: str
    name: str
    phone: str
    outcome: str
    tone: str
    why: str
    ended: str = ""
    ended_tone: str = ""
    ended_why: str = ""


def lines(view: CampaignView, found: Sequence[Decided], *, whole: bool = False) -> list[Line]:
    """Decisions with their customers' names; phones are whole only if `whole`."""
    ids = [one.customer_id for one in found]
    names = customers.names(ids)
    phones = customers.phones({canonical for canonical, _name in names.values()})
    messages = listing.became(view.id, ids) if view.started_at is not None else {}
    return [_line(view, one, names, phones, messages.get(one.customer_id), whole) for one in found]


def _line(
    view: CampaignView,
    one: Decided,
    names: Mapping[int, tuple[int, str]],
    phones: Mapping[int, str],
    message: Became | None,
    whole: bool,
) -> Line:
    canonical, name = names.get(one.customer_id, (one.customer_id, ""))
    label, tone = OUTCOMES[one.outcome]
    if one.outcome is Outcome.CHOSEN and view.started_at is not None:
        label = WAS_CHOSEN
    ended, ended_tone, ended_why = _ended(message)
    return Line(
        customer_id=canonical,
        url=customer_url(canonical),
        number=number_of(canonical),
        name=name or _("No name yet"),
        phone=shown_phone(phones.get(canonical, ""), whole=whole),
        outcome=said(label),
        tone=tone,
        why=why(view, one),
        ended=ended,
        ended_tone=ended_tone,
        ended_why=ended_why,
    )


def why(view: CampaignView, one: Decided) -> str:
    """Why it was decided so, as a sentence."""
    percent = f"{view.plan.held_out_percent.normalize():f}"
    return said(words.sentence_of(one.reason, {"percent": percent, **one.numbers}))


def _ended(message: Became | None) -> tuple[str, str, str]:
    if message is None:
        return "", "", ""
    reason = said(delivery_words.said(message.reason, message.numbers)) if message.reason else ""
    return said(delivery_words.STATES[message.state]), DELIVERY_TONES.get(message.state, "mute"), reason
