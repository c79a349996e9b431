"""Writing down what customers allow and take back, which addresses take no messages, and the language they read.

An import can carry a column about marketing consent one day; it then calls `record_consents` with source 'import'.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from regulars.core import bulk
from regulars.core.errors import DomainError
from regulars.customers import consents
from regulars.customers.models import Consent, Customer, Unreachable

MOST_A_DAY = 40
"""Words of one customer in a day by a page: more is a program, and the history is kept for ever."""
COLUMNS = ("bigint", "text", "text", "boolean", "timestamptz", "text", "text", "text", "text")
RECORD = f"""
INSERT INTO customers_consent (customer_id, purpose, channel, granted, at, source, actor, note, wording)
SELECT * FROM {bulk.unnest(*COLUMNS)}
"""
MARK = """
INSERT INTO customers_unreachable (identity_id, why, detail, at, source, cleared_by)
SELECT id, %s, %s, %s, %s, '' FROM customers_identity WHERE id = %s
ON CONFLICT (identity_id) WHERE cleared_at IS NULL DO UPDATE
SET why = excluded.why, detail = excluded.detail, at = excluded.at, source = excluded.source
WHERE customers_unreachable.why = 'bounced' AND excluded.why = 'complained' RETURNING 1
"""


class TooManyChanges(DomainError):
    """This customer changed their mind too often today."""

    code = "too_many_changes"


class BadLanguage(DomainError):
    """Messages are not written in this language."""

    code = "bad_language"


@dataclass(frozen=True, slots=True)
class Word:
    """What a customer allowed (`granted`) or took back, for a purpose on a channel."""

    customer_id: int
    purpose: str
    channel: str
    granted: bool
    at: datetime
    source: str
    actor: str = ""
    note: str = ""
    wording: str = ""


def record_consents(words: Sequence[Word]) -> int:
    """Add to the history what changes something; returns how many entries that were. Thousands at once.

    Said again, a word changes nothing, so that a repeated click or import leaves one entry.
    """
    last: dict[tuple[int, str, str], bool] = {}
    for purpose, channel in {(one.purpose, one.channel) for one in words}:
        meant = [one.customer_id for one in words if (one.purpose, one.channel) == (purpose, channel)]
        said = consents.states(meant, purpose, channel)
        last |= {(who, purpose, channel): state == consents.GRANTED for who, state in said.items()}
    rows = []
    for one in words:
        key = (one.customer_id, one.purpose, one.channel)
        if last.get(key) is not one.granted:
            last[key] = one.granted
            rows.append((*key, one.granted, one.at, one.source, one.actor, one.note, one.wording))
    if rows:
        bulk.run(connection, RECORD, bulk.columns(rows, COLUMNS))
    return len(rows)


@transaction.atomic
def say(words: Sequence[Word]) -> int:
    """`record_consents` for one customer by a page that nobody signs in to; at most so many words a day.

    Raises:
        TooManyChanges: It is a program by now.
    """
    if not words:
        return 0
    who, at = words[0].customer_id, words[0].at
    # The row is the lock: of two clicks at once the second sees what the first wrote.
    Customer.objects.select_for_update(no_key=True).filter(pk=who).first()
    granting = any(one.granted for one in words)
    today = Consent.objects.filter(customer_id=who, at__gt=at - timedelta(days=1)).count()
    # Whoever wants to hear no more is never told to come back tomorrow: a withdrawal needs no room.
    if granting and today >= MOST_A_DAY:
        raise TooManyChanges("This was changed very often today; try again tomorrow.")
    return record_consents(words)


def mark_unreachable(*, identity_id: int, why: str, detail: str, source: str, at: datetime) -> bool:
    """An address takes no messages any more; True when that is news.

    Args:
        why: 'bounced' for good, or 'complained': its owner called a message spam.
    """
    return bool(bulk.run(connection, MARK, [why, detail[:200], at, source, identity_id]))


def clear_unreachable(*, identity_id: int, actor: str, at: datetime) -> bool:
    """Somebody knows that an address works again; a complaint is not cleared, since its owner said no."""
    rows = Unreachable.objects.filter(identity_id=identity_id, cleared_at=None, why="bounced")
    return rows.update(cleared_at=at, cleared_by=actor) > 0


def choose_language(*, customer_id: int, language: str) -> None:
    """Messages to this customer come in this language, 'zh-hans' or 'en'; '' leaves it to the business.

    Raises:
        BadLanguage: There are none in it.
    """
    if language not in ("", "zh-hans", "en"):
        raise BadLanguage("Messages are written in Chinese or in English.")
    group = list(consents.group(customer_id))
    Customer.objects.filter(pk__in=group).update(language=language)
