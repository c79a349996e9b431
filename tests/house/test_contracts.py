"""The import contracts bite: each is shown a violation, in a copy of the tree, and has to name it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).with_name("lint-imports")

HOUSE = "Imports go down only"
ROOM = "Inside a room: actions, queries, models, rules"
PURE = "Rules, core and fact kinds know no Django"
MODELS = "API, console, portal and flows use queries and actions, not models"
LEDGER = "Only the ledger touches its tables"


@pytest.mark.parametrize(
    ("contract", "module", "line"),
    [
        (HOUSE, "staff/rules.py", "import regulars.customers"),
        (HOUSE, "flows/record_facts.py", "import regulars.api"),
        (HOUSE, "api/urls.py", "import regulars.console"),
        (HOUSE, "a_room_nobody_listed/__init__.py", ""),
        (ROOM, "staff/queries.py", "import regulars.staff.actions"),
        (ROOM, "ledger/rules.py", "import regulars.ledger.models"),
        (PURE, "core/money.py", "import django.db"),
        (PURE, "facts/kinds/fields.py", "import django.db"),
        (PURE, "loyalty/rules.py", "import django.utils"),
        (PURE, "insight/compute/tables.py", "import django.db"),
        (MODELS, "console/context.py", "import regulars.staff.models"),
        (MODELS, "flows/record_facts.py", "import regulars.facts.models"),
        (MODELS, "api/urls.py", "import regulars.customers.models"),
        (LEDGER, "loyalty/queries.py", "import regulars.ledger.models"),
        (LEDGER, "config/health.py", "import regulars.ledger.models"),
    ],
)
def test_a_violation_is_found(tmp_path: Path, contract: str, module: str, line: str) -> None:
    shutil.copytree(
        ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("static", "templates", "locale", "*.pyc")
    )
    place = tmp_path / "src" / "regulars" / module
    place.parent.mkdir(exist_ok=True)
    with place.open("a") as file:
        file.write(f"\n{line}\n")
    done = _lint(tmp_path / "src")
    assert done.returncode == 1, done.stdout
    assert f"{contract} BROKEN" in done.stdout


def test_the_tree_itself_keeps_them() -> None:
    done = _lint(ROOT / "src")
    assert done.returncode == 0, done.stdout


def _lint(source: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--config", ROOT / ".importlinter", "--no-cache"],
        env={**os.environ, "PYTHONPATH": str(source), "COLUMNS": "200"},
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
