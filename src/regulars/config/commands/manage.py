"""`regulars manage …`: Django's own commands."""

import sys

import typer

from regulars.config import boot
from regulars.config.commands.output import say


def manage(context: typer.Context) -> None:
    """Run one of Django's own commands, such as `regulars manage shell`."""
    boot.database(say)
    boot.django()
    from django.core.management import execute_from_command_line

    sys.argv[0] = "regulars manage"
    execute_from_command_line(["regulars manage", *context.args])
