"""The command `regulars`, as people and programs run it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from regulars.config.cli import app
from regulars.config.commands.demo_state import serve_demo
from regulars.customers.identities import IdentityKind
from regulars.customers.models import Identity
from regulars.facts import imports_view
from regulars.flows.check_import import open_file
from regulars.loyalty.actions import launch
from regulars.loyalty.rules import preset_terms

REGULARS = Path(sys.executable).with_name("regulars")


class Instance:
    """One instance in a folder of its own, spoken to through the command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("REGULARS_", "DJANGO_"))}
        self.environment = {**kept, "REGULARS_DATA_DIR": str(folder), "REGULARS_PORT": str(self.port)}

    def run(self, *arguments: str | Path, code: int = 0, given: str = "") -> str:
        done = subprocess.run(
            [REGULARS, *arguments], env=self.environment, input=given, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if code == 0 or done.stdout else done.stderr

    def ask(self, *arguments: str | Path, code: int = 0, given: str = "") -> Any:
        return json.loads(self.run(*arguments, "--json", code=code, given=given))

    def serve(self, *arguments: str) -> subprocess.Popen[bytes]:
        server = subprocess.Popen([REGULARS, "serve", "--workers", "1", *arguments], env=self.environment)
        for _ in range(240):
            assert server.poll() is None
            if self.health():
                return server
            time.sleep(0.25)
        raise AssertionError("the server did not come up")

    def health(self) -> Any:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return json.load(answer)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return None


@pytest.fixture
def instance(made: Path) -> Iterator[Instance]:
    one = Instance(made)
    yield one
    one.run("stop")


def ask(*arguments: str, code: int = 0, given: str = "") -> Any:
    """Run a command inside this process, on the database of the tests."""
    done = CliRunner().invoke(app, [*arguments, "--json"], input=given)
    assert done.exit_code == code, done.output
    return json.loads(done.stdout.splitlines()[-1])  # above it, what was typed in


def jobs_of(server: subprocess.Popen[bytes]) -> set[int]:
    """The processes beside a web server that work on jobs."""
    threads = Path(f"/proc/{server.pid}/task").glob("*/children")
    children = [pid for each in threads for pid in each.read_text().split()]
    return {int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()}


def until(ask: Callable[[], Any]) -> Any:
    """What `ask` says as soon as it says something, within half a minute."""
    for _ in range(300):
        if said := ask():
            return said
        time.sleep(0.1)
    raise AssertionError("nothing came of it")


@pytest.mark.slow
def test_serving_a_killed_server_and_stopping(instance: Instance) -> None:
    killed = instance.serve()
    assert instance.health()["status"] == "ok"
    (working,) = jobs_of(killed)
    os.kill(working, signal.SIGKILL)
    another = until(lambda: jobs_of(killed) - {working})
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    # Its processes notice within a second or two; the web's gives the port back.
    until(lambda: instance.health() is None)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in another))
    server = instance.serve()
    try:
        assert f"Port {instance.port} is in use" in instance.run("serve", code=1)
        assert instance.ask("stop") == {"processes": [server.pid], "database": True}
        assert server.wait(10) == 0
        assert instance.health() is None
        assert instance.ask("stop") == {"processes": [], "database": False}
    finally:
        server.kill()


def test_a_database_that_is_not_there(instance: Instance) -> None:
    instance.environment["REGULARS_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/shop?connect_timeout=2"
    said = instance.run("staff", "list", code=1)
    assert said.startswith("The database in REGULARS_DATABASE_URL does not let us in:")
    del instance.environment["REGULARS_DATABASE_URL"]


@pytest.mark.django_db(transaction=True)
def test_people() -> None:
    new = ask("staff", "add", "Lin@example.com", "--role", "owner", "--name", "林")
    assert (new["email"], new["role"], len(new["password"])) == ("lin@example.com", "owner", 16)
    given = ask("staff", "add", "wu@example.com", "--store", "S1", "--password-stdin", given="tea-and-customers\n")
    assert "password" not in given
    assert [(one["email"], one["role"], one["store_codes"]) for one in ask("staff", "list")["staff"]] == [
        ("lin@example.com", "owner", None),
        ("wu@example.com", "viewer", ["S1"]),
    ]
    assert ask("staff", "password", "lin@example.com")["password"] != new["password"]


@pytest.mark.django_db(transaction=True)
def test_what_goes_wrong_is_a_code_for_programs_and_a_sentence_for_people() -> None:
    ask("staff", "add", "lin@example.com")
    assert ask("staff", "add", "lin@example.com", code=1)["error"] == "email_taken"
    assert ask("staff", "add", "x@example.com", "--role", "king", code=1)["error"] == "unknown_role"
    assert ask("staff", "password", "x@example.com", code=1)["error"] == "unknown_member"
    assert ask("backup", "/no/such/folder/backup.tar", code=1)["error"] == "target_exists"
    done = CliRunner().invoke(app, ["staff", "add", "lin@example.com"])
    assert (done.exit_code, done.stdout) == (1, "")


LINES = """nr,tag,karte,telefon,posten,bezahlt
1,2026-01-05 10:00,V1,6123 4567,a,30
1,2026-01-05 10:00,V1,6123 4567,b,30
"""


@pytest.mark.django_db(transaction=True)
def test_an_import_is_told_what_the_console_asks_and_reads_such_files_alike_next_time(tmp_path: Path) -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC)
    launch(terms=preset_terms(2), live_from=at, time_zone="Asia/Hong_Kong", actor="", at=at)
    file = tmp_path / "a.csv"
    file.write_text(LINES)
    meanings = {
        "order_number": "nr",
        "occurred_at": "tag",
        "member_number": "karte",
        "phone": "telefon",
        "product_id": "posten",
        "paid": "bezahlt",
    }
    told = ["import", "orders", str(file), "--source", "till", "--timezone", "Asia/Hong_Kong"]
    columns = [part for field, column in meanings.items() for part in ("--map", f"{field}={column}")]
    columns += ["--map", "line_amount="]

    assert ask(*told, *columns, "--region", "Mars", "--yes", code=1)["error"] == "unknown_setting"
    assert ask(*told, *columns, "--paid-per", "week", "--yes", code=1)["error"] == "unknown_setting"
    assert imports_view.count() == 0, "a setting that means nothing is refused before anything is kept"
    assert ask(*told, *columns, code=1, given="n\n")["error"] == "not_confirmed"
    assert open_file(file).kept is None, "what nobody confirmed is not kept"

    first = ask(*told, *columns, "--region", "HK", "--paid-per", "line", "--yes")
    assert (first["recorded"], first["paid"]) == (1, 6000)
    phones = (identity.value for identity in Identity.objects.filter(kind=IdentityKind.PHONE))
    assert list(phones) == ["+85261234567"]
    kept = open_file(file)
    assert (kept.kept is not None, kept.mapping.to_json()) == (True, meanings)

    file.write_text(LINES.replace("\n1,", "\n2,"))
    second = ask(*told, "--region", "HK", "--paid-per", "order", "--yes")
    assert (second["recorded"], second["paid"]) == (1, 3000)
    checked = ask("verify")
    assert (checked["clean"], checked["flagged"]) == (True, {})


@pytest.mark.django_db(transaction=True)
def test_django_commands_pass_through(capfd: pytest.CaptureFixture[str]) -> None:
    assert CliRunner().invoke(app, ["manage", "check", "--tag", "models"]).exit_code == 0
    assert CliRunner().invoke(app, ["manage", "no-such-command"]).exit_code == 1


def test_a_demo_is_served_by_a_process_that_loaded_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    began: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda program, words: began.append([program, *words]))
    monkeypatch.setattr(sys, "argv", ["regulars", "demo-cafe"])
    serve_demo("a@example.com", {"password": "x"}, port=8123, look_first="today")
    assert began == [
        [sys.executable, sys.executable, "regulars", "serve", "--host", "127.0.0.1", "--port", "8123"]
    ], "web processes are forks, and in a fork of one that used DuckDB the picture would never come"  # fmt: skip


@pytest.mark.slow
def test_a_backup_fills_an_empty_instance_and_only_that(instance: Instance, folder: Path) -> None:
    instance.run("staff", "add", "lin@example.com", "--role", "owner", "--name", "林")
    upload = Path("uploads") / "imports" / "订单.csv"
    (instance.folder / upload).parent.mkdir(parents=True)
    (instance.folder / upload).write_text("订单号,实付\n1,20\n")
    target = instance.folder / "backup.tar"
    told = instance.ask("backup", target)
    assert (told["path"], told["files"]) == (str(target), 2)
    assert target.stat().st_mode & 0o777 == 0o600
    assert instance.ask("backup", target, code=1)["error"] == "target_exists"
    other = Instance(folder.with_name(folder.name + "-other"))
    try:
        restored = other.ask("restore", target)
        assert (restored["rows"], restored["tables"]) == (told["rows"], told["tables"])
        assert (other.folder / upload).read_text() == (instance.folder / upload).read_text()
        assert other.ask("restore", target, code=1)["error"] == "instance_not_empty"
    finally:
        other.run("stop")
        shutil.rmtree(other.folder)
