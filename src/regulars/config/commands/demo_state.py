"""What the demos share: loading once, what they keep of themselves, and how they are served."""

import json
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from regulars.config import boot, environment
from regulars.config.commands.output import people, say
from regulars.core.errors import DomainError

OnlyLoad = Annotated[bool, typer.Option("--only-load", help="Load the data and stop.")]


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

    def loaded(self, load: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """What is kept, once everything is up and the data are there; `load` brings them, the first time.

        Raises:
            NotADemo: As `read` says.
        """
        boot.everything(say)
        state = self.read()
        if not state.get("loaded"):
            load(state)
        return state

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


def serve_demo(email: str, state: Mapping[str, Any], *, port: int | None, look_first: str) -> NoReturn:
    """Say how to sign in and where to look, then serve the console on this machine alone, in the place of this."""
    people.print(f"Sign in with [bold]{email}[/bold] and the password [bold]{state['password']}[/bold]")
    people.print(f"Look first at: {look_first}")
    # Loading has worked with DuckDB here. The web processes are forked, and its threads do not come along: in a fork of
    # this process the first page that asks the picture would wait for ever. So `serve` begins in a process of its own.
    asked = [] if port is None else ["--port", str(port)]
    os.execv(sys.executable, [sys.executable, sys.argv[0], "serve", "--host", "127.0.0.1", *asked])  # noqa: S606


def set_up(
    *,
    email: str,
    password: str,
    live_from: datetime,
    now: datetime,
    terms: dict[str, Any] | None = None,
    **profile: Any,
) -> None:
    """The business, its programme and its owner; what is there already from a load that broke off stays.

    Args:
        live_from: When the programme's terms began to hold.
        terms: Of the programme, where it is not the retail one.
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
            terms=terms or preset_terms(minor_digits(profile["currency"])), live_from=live_from,
            time_zone=profile["time_zone"], actor="", at=now,
        )  # fmt: skip
    if queries.member_by_email(email) is None:
        actions.create_user(email=email, role="owner", name="Demo", password=password, by=SYSTEM, at=now)
