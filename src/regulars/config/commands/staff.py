"""`regulars staff …`: the people who can sign in, for the first owner and for locked-out ones."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from regulars.config import boot
from regulars.config.commands.output import AsJson, answer, say

app = typer.Typer(help="People who can sign in.", no_args_is_help=True)

FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


@app.command()
def add(
    email: Annotated[str, typer.Argument(help="The e-mail to sign in with.")],
    role: Annotated[str, typer.Option(help="owner, marketer, service, cashier or viewer.")] = "viewer",
    name: Annotated[str, typer.Option(help="How to call this person.")] = "",
    language: Annotated[str, typer.Option(help="zh-hans or en; the reader's browser decides otherwise.")] = "",
    store: Annotated[list[str] | None, typer.Option(help="Code of a store to see; repeat it. None means all.")] = None,
    password_stdin: FromInput = False,
    as_json: AsJson = False,
) -> None:
    """Add somebody and print the password to hand over, unless it was given."""
    boot.everything(say)
    from django.utils import timezone

    from regulars.staff import actions
    from regulars.staff.rules import SYSTEM

    given = _given_password() if password_stdin else None
    new = actions.create_user(
        email=email,
        role=role,
        name=name,
        language=language,
        store_codes=store or None,
        password=given,
        by=SYSTEM,
        at=timezone.now(),
    )
    shown = {} if given else {"password": new.password}
    sentence = f"{new.email} can sign in as {role}." + ("" if given else f" Password: {new.password}")
    answer({"id": new.id, "email": new.email, "role": role, **shown}, sentence, as_json=as_json)


@app.command("list")
def listed(as_json: AsJson = False) -> None:
    """Everybody who was added."""
    boot.everything(say)
    from regulars.staff import queries

    people = queries.staff()
    lines = [f"{one.email}  {one.role}{'' if one.is_active else '  (deactivated)'}" for one in people]
    answer({"staff": [asdict(one) for one in people]}, "\n".join(lines) or "Nobody yet.", as_json=as_json)


@app.command()
def password(email: str, password_stdin: FromInput = False, as_json: AsJson = False) -> None:
    """Give somebody a new password; they are signed out everywhere."""
    boot.everything(say)
    from django.utils import timezone

    from regulars.staff import actions, queries
    from regulars.staff.actions.people import UnknownMember
    from regulars.staff.rules import SYSTEM

    member = queries.member_by_email(email)
    if member is None:
        raise UnknownMember(f"Nobody signs in as {email}.")
    given = _given_password() if password_stdin else None
    new = actions.set_password(user_id=member.id, password=given, by=SYSTEM, at=timezone.now())
    shown = {} if given else {"password": new}
    answer({"email": member.email, **shown}, "Changed." if given else f"New password: {new}", as_json=as_json)


def _given_password() -> str:
    return sys.stdin.readline().rstrip("\r\n")
