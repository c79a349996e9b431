"""The command `regulars`."""

from importlib import metadata
from typing import Annotated

import typer

from regulars.config.commands import (
    backup,
    books,
    demo,
    demo_cafe,
    importing,
    insight,
    manage,
    serve,
    setup,
    simulate,
    staff,
)
from regulars.config.commands.output import PlainErrors

app = typer.Typer(
    cls=PlainErrors,
    help="Regulars 回头客: customer loyalty and retention.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(metadata.version("regulars"))
        raise typer.Exit


@app.callback()
def regulars(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Regulars 回头客: customer loyalty and retention."""


app.command()(serve.serve)
app.command()(serve.worker)
app.command()(serve.stop)
app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)(manage.manage)
app.command()(demo.demo)
app.command()(demo_cafe.demo_cafe)
app.command()(books.verify)
app.command()(books.export)
app.command()(insight.refresh)
app.command()(insight.models)
app.command()(simulate.simulate)
app.command()(backup.backup)
app.command()(backup.restore)
app.add_typer(importing.app, name="import")
app.command()(setup.setup)
app.add_typer(staff.app, name="staff")
