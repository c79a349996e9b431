"""`regulars setup`: say who the business is, without the console."""

import secrets
from typing import Annotated

import typer

from regulars.config import boot
from regulars.config.commands.output import AsJson, answer, say


def setup(
    business: Annotated[str, typer.Option(help="The business's name.")],
    email: Annotated[str, typer.Option(help="The owner's e-mail, to sign in with.")],
    timezone: Annotated[str, typer.Option(help="The business's zone, such as Asia/Shanghai.")] = "Asia/Shanghai",
    currency: Annotated[str, typer.Option(help="Three letters, such as CNY.")] = "CNY",
    language: Annotated[str, typer.Option(help="zh-hans or en.")] = "zh-hans",
    as_json: AsJson = False,
) -> None:
    """Set up the business, its owner and the retail programme; prints the owner's password once."""
    boot.everything(say)
    from django.utils import timezone as clock

    from regulars.flows.set_up import set_up

    password = secrets.token_urlsafe(12)
    set_up(
        business=business, time_zone=timezone, currency=currency, language=language, email=email, name="",
        password=password, at=clock.now(),
    )  # fmt: skip
    answer(
        {"email": email, "password": password},
        f"{business} is set up. {email} can sign in with the password {password}",
        as_json=as_json,
    )
