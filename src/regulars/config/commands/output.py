"""How commands answer: a sentence for people, JSON for programs, and errors without tracebacks."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import psycopg
import typer
from rich.console import Console
from typer.core import TyperGroup

from regulars.core.errors import DomainError

AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]

people = Console(stderr=True, highlight=False)
"""Progress and remarks; standard output is left to the answer."""


def say(sentence: str) -> None:
    """A remark beside the answer."""
    people.print(sentence, style="yellow", markup=False)


def answer(data: Mapping[str, Any], sentence: str, *, as_json: bool) -> None:
    """The answer of a command, on standard output."""
    print(json.dumps(data, ensure_ascii=False, default=_plain) if as_json else sentence)  # noqa: T201


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form.")


class PlainErrors(TyperGroup):
    """Expected failures end a command with one sentence and exit code 1."""

    def main(self, args: Sequence[str] | None = None, *others: Any, **more: Any) -> Any:
        """Run the command that the arguments name."""
        as_json = "--json" in (sys.argv[1:] if args is None else args)
        try:
            return super().main(args, *others, **more)
        except DomainError as error:
            _fail(error.code, str(error), as_json)
        except Exception as error:
            # Django wraps the driver's errors; its own classes cannot be named here before Django is set up.
            driver = error if isinstance(error, psycopg.Error) else error.__cause__
            if not isinstance(driver, psycopg.OperationalError):
                raise
            _fail("database_unreachable", f"The database does not answer: {driver}", as_json)


def _fail(code: str, sentence: str, as_json: bool) -> NoReturn:
    if as_json:
        print(json.dumps({"error": code, "message": sentence}, ensure_ascii=False))  # noqa: T201
    else:
        people.print(sentence.strip(), style="red", markup=False, soft_wrap=True)
    raise SystemExit(1)
