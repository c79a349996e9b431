"""What the demos keep of themselves: the day they were loaded for, whether they are whole, and their login."""

import json
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from regulars.config import environment
from regulars.core.errors import DomainError


class NotADemo(DomainError):
    """The data folder holds a real business, or another demo."""

    code = "not_a_demo"


class DemoState:
    """A JSON file in the data folder, for its owner's eyes only.

    Args:
        name: Of the file, such as demo.json.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def file(self) -> Path:
        """Where it lies."""
        return environment.data_dir() / self._name

    def read(self) -> dict[str, Any]:
        """What is kept; begun anew in an empty data folder.

        Raises:
            NotADemo: The folder holds a business that is not this demo.
        """
        from regulars.staff import queries

        if self.file.exists():
            state: dict[str, Any] = json.loads(self.file.read_text())
            return state
        if queries.has_business():
            raise NotADemo("This data folder holds a business already: set REGULARS_DATA_DIR to another folder.")
        state = {"on": datetime.now(UTC).date().isoformat(), "password": secrets.token_urlsafe(9), "loaded": False}
        self.keep(state)
        return state

    def keep(self, state: dict[str, Any]) -> None:
        """Replace what is kept, whole or not at all."""
        unfinished = self.file.with_suffix(".part")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(state, out)
        unfinished.replace(self.file)


def set_up(*, email: str, password: str, live_from: datetime, now: datetime, **profile: Any) -> None:
    """The business, its programme and its owner; what is there already from a load that broke off stays.

    Args:
        live_from: When the programme's terms began to hold.
        profile: Fields of the business's profile, its currency and time zone among them.
    """
    from regulars.core.money import minor_digits
    from regulars.loyalty import actions as loyalty
    from regulars.loyalty import queries as programme
    from regulars.loyalty.rules import preset_terms
    from regulars.staff import actions, queries
    from regulars.staff.rules import SYSTEM

    actions.change_business(by=SYSTEM, at=now, is_demo=True, **profile)
    if not programme.has_programme():
        loyalty.launch(
            terms=preset_terms(minor_digits(profile["currency"])), live_from=live_from, time_zone=profile["time_zone"],
            actor="", at=now,
        )  # fmt: skip
    if queries.member_by_email(email) is None:
        actions.create_user(email=email, role="owner", name="Demo", password=password, by=SYSTEM, at=now)
