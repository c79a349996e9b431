"""What joining takes: a contact that is proven, the texts that were read, and a guardian for children. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from regulars.core.errors import DomainError
from regulars.customers.identities import Identity

ADULT_ENOUGH: Final = 14
"""Below this age a guardian agrees (PIPL, article 31)."""
PLACES: Final = ("web", "store", "table", "staff", "till")
CHARTER: Final = "charter"
PRIVACY: Final = "privacy"
DRAFT: Final = 0
"""The version of the text that comes along, until the business has looked at it and kept its own."""


class NobodyNamed(DomainError):
    """Nothing says who joins."""

    code = "nobody_named"


class GuardianNeeded(DomainError):
    """They are under 14, and nobody who looks after them has agreed."""

    code = "guardian_needed"


class TextsChanged(DomainError):
    """What they read is not what holds: they read it again."""

    code = "texts_changed"


@dataclass(frozen=True, slots=True)
class Joining:
    """Somebody who joins.

    Attributes:
        identities: Contacts that are proven: a cashier saw the phone, or a code came back from the mailbox.
        guardian: The name of who looks after a child.
        marketing: Channels on which they want offers; nothing unless they said so.
        charter: The version of the charter that they agreed to; `privacy` of the other text.
        place: One of `PLACES`; `join_code_id` is the QR that led here.
        actor: Who helped, as `console.actors` keeps people; '' if nobody.
    """

    identities: tuple[Identity, ...]
    charter: int
    privacy: int
    place: str
    name: str = ""
    birthday: date | None = None
    language: str = ""
    guardian: str = ""
    marketing: frozenset[str] = frozenset()
    join_code_id: int | None = None
    store: str = ""
    actor: str = ""

    @property
    def profile(self) -> Mapping[str, object]:
        """What fills empty fields of who they turn out to be."""
        return {"name": self.name, "birthday": self.birthday}


def check(joining: Joining, *, today: date, charter: int, privacy: int) -> None:
    """See that somebody may join.

    Args:
        charter: The version that holds today; `privacy` of the other text.
    Raises:
        NobodyNamed, GuardianNeeded, TextsChanged: As they say.
    """
    if not joining.identities:
        raise NobodyNamed("Say a phone or an e-mail address.")
    if joining.birthday is not None and age(joining.birthday, today) < ADULT_ENOUGH and not joining.guardian.strip():
        raise GuardianNeeded("Somebody under 14 joins together with a parent or guardian.")
    # A till without network enrols by what it knew; whoever reads on the web reads what holds.
    fresh = joining.place == "till" or (joining.charter, joining.privacy) == (charter, privacy)
    if not fresh or not (DRAFT <= joining.charter <= charter and DRAFT <= joining.privacy <= privacy):
        raise TextsChanged("The membership terms have changed; read them again.")


def age(birthday: date, today: date) -> int:
    """Whole years on a day."""
    return today.year - birthday.year - ((today.month, today.day) < (birthday.month, birthday.day))
