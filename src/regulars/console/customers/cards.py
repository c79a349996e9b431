"""Cards of a customer's page: what they allowed, and what is being done for them."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.console import actors, reader, task_cards
from regulars.console.access import StaffRequest
from regulars.console.task_cards import TaskCard
from regulars.customers import consents
from regulars.customers.consents import PROMOTION, SERVICE, Needs, Said
from regulars.customers.rules import mask_email
from regulars.outreach.preferences import CHOICES
from regulars.playbooks import queries as playbooks
from regulars.playbooks import words

ENDED_SHOWN = 8
LABELS: dict[tuple[str, str], tuple[str, Promise]] = {
    (PROMOTION, "email"): ("mail", _("Offers by e-mail")),
    (PROMOTION, "copy_list"): ("message-circle", _("Personal notes in WeChat")),
    (SERVICE, "email"): ("mail-check", _("Notices about their own points by e-mail")),
}
SOURCES: dict[str, Promise] = {
    "staff": _("told to us"),
    "page": _("on their own page"),
    "one_click": _("with “Unsubscribe” in the mail program"),
    "import": _("from an import"),
    "complaint": _("called a message spam"),
    "api": _("told by another program"),
    "demo": _("from the sample data"),
}
TROUBLES: dict[str, Promise] = {
    "bounced": _("takes no messages: they bounce"),
    "complained": _("takes no messages: its owner called one spam"),
}


@dataclass(frozen=True, slots=True)
class Consent:
    """One thing that a customer can allow: whether it may come, because of what, since when."""

    value: str
    icon: str
    label: Promise
    allowed: bool
    said: Promise | str
    source: Promise | str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Word:
    """An entry of the history."""

    label: Promise | str
    granted: bool
    at: datetime
    source: Promise | str
    by: str
    note: str


def consents_card(customer_id: int) -> dict[str, object]:
    """What a customer allowed, per purpose and channel, with the history and addresses that take no messages."""
    history = consents.history(customer_id)
    people = actors.names_of(said.actor for said in history if said.actor)
    latest: dict[tuple[str, str], Said] = {}
    for said in reversed(history):
        latest[said.purpose, said.channel] = said
    return {
        "consents": [_consent(choice, latest.get(choice)) for choice in CHOICES],
        "consent_history": [_word(said, people) for said in history],
        "unreachable": [
            (mask_email(one.value), TROUBLES.get(one.why, one.why), one.at) for one in consents.troubles(customer_id)
        ],
    }


def _consent(choice: tuple[str, str], said: Said | None) -> Consent:
    icon, label = LABELS[choice]
    value = ":".join(choice)
    if said is not None:
        words = _("agreed") if said.granted else _("said no")
        return Consent(value, icon, label, said.granted, words, SOURCES.get(said.source, said.source), said.at)
    if consents.needed(*choice) is Needs.GRANTED:
        return Consent(value, icon, label, False, _("never agreed, so nothing comes"), "", None)
    return Consent(value, icon, label, True, _("did not say no"), "", None)


def _word(said: Said, people: dict[str, str]) -> Word:
    known = LABELS.get((said.purpose, said.channel))
    return Word(
        known[1] if known else f"{said.purpose} · {said.channel}", said.granted, said.at,
        SOURCES.get(said.source, said.source), people.get(said.actor, said.actor), said.note,
    )  # fmt: skip


def tasks_card(request: StaffRequest, customer_id: int) -> dict[str, object]:
    """Open and past tasks about a customer, for those who do tasks."""
    if "tasks.do" not in request.capabilities:
        return {}
    desk, found = task_cards.desk(request), playbooks.of_customer(customer_id)
    cards = desk.cards([one for one in found if one.state == "open"][:ENDED_SHOWN])
    past = desk.cards([one for one in found if one.state != "open"][:ENDED_SHOWN]) if len(found) > len(cards) else []
    return {"tasks": Tasks(cards, past, desk.people, desk.today, desk.latest, _kinds())}


@dataclass(frozen=True, slots=True)
class Tasks:
    """What the card needs: tasks, whom a new one may be given to, its days, and what it may ask for."""

    open: list[TaskCard]
    past: list[TaskCard]
    people: dict[int, str]
    today: date
    latest: date
    kinds: list[tuple[str, str]]


def _kinds() -> list[tuple[str, str]]:
    return [(code, reader.said(name)) for code, name in words.KINDS.items()]
