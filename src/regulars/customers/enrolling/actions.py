"""Verbs of joining: keeping a membership, a text, a QR."""

from datetime import datetime
from secrets import choice

from django.db import transaction

from regulars.core.bilingual import Text
from regulars.core.errors import DomainError
from regulars.customers import consents
from regulars.customers.actions.consents import Word, choose_language, record_consents
from regulars.customers.cards.actions import open_card
from regulars.customers.enrolling.rules import CHARTER, PRIVACY, Joining
from regulars.customers.models import Enrolment, JoinCode, MemberText

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
WORDING = "enrolment-1"
LONGEST_TEXT = 20_000


class BadText(DomainError):
    """A text of the programme is empty or too long."""

    code = "bad_text"


class BadEntrance(DomainError):
    """Such a QR cannot be."""

    code = "bad_entrance"


def keep(*, customer_id: int, joining: Joining, at: datetime) -> bool:
    """Keep that a customer joined, what they want to hear of, and open their card; True if they were no member.

    The caller holds the lock of who stands for the group.
    """
    group = consents.group(customer_id)
    is_new = not Enrolment.objects.filter(customer_id__in=group).exists()
    if is_new:
        Enrolment.objects.create(
            customer_id=customer_id, at=at, place=joining.place, join_code_id=joining.join_code_id,
            store=joining.store, actor=joining.actor, charter=joining.charter, privacy=joining.privacy,
            guardian=joining.guardian.strip()[:200],
        )  # fmt: skip
    source = "staff" if joining.place == "till" else "page"
    record_consents(
        [
            Word(customer_id, consents.PROMOTION, channel, True, at, source, joining.actor, "", WORDING)
            for channel in sorted(joining.marketing)
        ]
    )
    if joining.language and not consents.languages([customer_id]):
        choose_language(customer_id=customer_id, language=joining.language)
    open_card(customer_id=customer_id, at=at)
    return is_new


@transaction.atomic
def keep_text(*, kind: str, words: Text, actor: str, at: datetime) -> int:
    """Keep another version of a text; returns its number. What says the same is not kept again.

    Raises:
        BadText: It is empty or too long.
    """
    zh, en = (one.replace("\r\n", "\n").strip() for one in words)
    if kind not in (CHARTER, PRIVACY) or not (zh or en) or max(len(zh), len(en)) > LONGEST_TEXT:
        raise BadText("Write the text in Chinese or English, up to 20,000 characters.")
    last = MemberText.objects.select_for_update().filter(kind=kind).order_by("-version").first()
    if last is not None and (last.zh, last.en) == (zh, en):
        return last.version
    version = last.version + 1 if last is not None else 1
    MemberText.objects.create(kind=kind, version=version, zh=zh, en=en, made_at=at, made_by=actor)
    return version


def make_entrance(*, place: str, store: str, label: str, user_id: int | None, at: datetime) -> str:
    """Make a QR through which people join; returns its code.

    Raises:
        BadEntrance: A table needs a name, staff a person.
    """
    label = " ".join(label.split())[:60]
    if (
        place not in ("store", "table", "staff")
        or (place == "table" and not label)
        or (place == "staff") != (user_id is not None)
    ):
        raise BadEntrance("A table needs a name or number, and a member of staff a person.")
    code = "".join(choice(LETTERS) for _ in range(8))
    JoinCode.objects.create(code=code, place=place, store=store, label=label, user_id=user_id, made_at=at)
    return code


def retire_entrance(*, entrance_id: int, at: datetime) -> bool:
    """A QR is not used any more: who scans it joins without it. What it brought stays known."""
    return JoinCode.objects.filter(pk=entrance_id, retired_at=None).update(retired_at=at) > 0


def bring_back_entrance(*, entrance_id: int) -> bool:
    """It is used again."""
    return JoinCode.objects.filter(pk=entrance_id).exclude(retired_at=None).update(retired_at=None) > 0
