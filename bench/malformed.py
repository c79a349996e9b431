"""Malformed files through the whole check of an import: a named error or a report each time, and never half an import.

BENCH_FILES says how many (5,000). Each follows from its number, so that one that does harm can be made again:
`python -m bench.malformed 4711` writes that file to bench/out.
"""

import json
import os
import random
import sys
import time
import traceback
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.instance import ZONE, instance
from tests.facts.malformed import seeds, spoil
from tests.facts.odd_files import odd_file

FILES = int(os.environ.get("BENCH_FILES", "5000"))
NOW = datetime(2026, 1, 1, tzinfo=UTC)
# Spreadsheets are few, since each of them is read by processes of its own, several times.
SPOILT = ["utf-8"] * 8 + ["gb18030"] * 5 + ["utf-16"] * 4 + ["parquet"] * 8 + ["xlsx", "xls"]
ODD = ["csv"] * 12 + ["parquet"] * 9 + ["xlsx"] * 2
ENDINGS = {"parquet": "parquet", "xlsx": "xlsx", "xls": "xls"}
POST_EVERY = 10
"""Of the files that can be imported after all, every tenth is."""


def main() -> None:
    """Check them all, or, given a number, only make that file."""
    if len(sys.argv) > 1:
        name, content = malformed(int(sys.argv[1]), seeds())
        path = Path(__file__).parent / "out" / name
        path.write_bytes(content)
        print(path)
        return
    with instance():
        print(json.dumps(measure()))


def malformed(number: int, whole: dict[str, bytes]) -> tuple[str, bytes]:
    """The name and the content of the file of this number."""
    chance = random.Random(f"malformed {number}")
    if chance.random() < 0.5:
        kind = chance.choice(SPOILT)
        content = spoil(chance, whole[kind])
    else:
        kind = chance.choice(ODD)
        content = odd_file(chance, kind)
    return f"{number}.{ENDINGS.get(kind, 'csv')}", content


def measure() -> dict[str, object]:
    """What became of the files, and what must not have."""
    from regulars.flows.settings import programme
    from regulars.loyalty.verification import verify

    whole, ends, codes, slowest = seeds(), Counter[str](), Counter[str](), 0.0
    harm: dict[str, list[int]] = {"crashes": [], "half_imports": []}
    begun = time.perf_counter()
    for number in range(FILES):
        name, content = malformed(number, whole)
        since = time.perf_counter()
        try:
            end, code = _try(number, name, content)
            ends[end] += 1
            codes[code] += 1
        except HalfImport as error:
            harm["half_imports"].append(number)
            print(f"File {number}: {error}", file=sys.stderr)
        except Exception:
            harm["crashes"].append(number)
            print(f"File {number}:\n{traceback.format_exc()}", file=sys.stderr)
        slowest = max(slowest, time.perf_counter() - since)
    seconds = time.perf_counter() - begun
    report = list(verify(policies=programme()[0], at=datetime.now(UTC)))[-1]
    return {
        "bench": "malformed",
        "files": FILES,
        "seconds": round(seconds, 1),
        "slowest_seconds": round(slowest, 2),
        **{end.replace(" ", "_"): count for end, count in sorted(ends.items())},
        **{what: len(numbers) for what, numbers in harm.items()},
        "facts_posted": _facts()[0],
        "verify_clean": report.clean,
        "codes": {code: count for code, count in codes.most_common() if code},
    }


class HalfImport(Exception):
    """Something was left behind that should not have been."""


def _try(number: int, name: str, content: bytes) -> tuple[str, str]:
    """Take one file the way that the console does: (how it ended, the code of what refused it)."""
    from django.core.files.base import ContentFile
    from django.db import transaction

    from regulars.core.errors import DomainError
    from regulars.facts import actions as facts
    from regulars.facts import imports_view
    from regulars.flows.check_import import check_import, receive_file

    before, imports, kept = _facts(), imports_view.count(), _uploads()
    settings = {"currency": "CNY", "region": "CN", "day_first": None, "paid_per": "", "channel": "store"}
    try:
        import_id = receive_file(
            file=ContentFile(content), file_name=name, time_zone=ZONE, settings=settings, actor="bench", at=NOW
        )
    except DomainError as error:
        _demand(imports_view.count() == imports, "a file that was not received left an import")
        _demand(_uploads() == kept, "a file that was not received was kept")
        return "refused at once", _named(error)
    view = _view(import_id)
    with transaction.atomic():
        facts.choose(
            import_id=import_id, source=f"till {number % 50}", time_zone=ZONE, mapping=view.mapping, settings=settings
        )
    end, code = "ready", ""
    try:
        report = check_import(import_id=import_id, at=NOW)
    except DomainError as error:
        end, code = "refused when checked", _named(error)
        view = _view(import_id)
        _demand((view.status, view.failure_code) == ("failed", code), f"the import is {view.status}, not failed")
        _demand(_staged(import_id) == 0, "a failed import keeps staged facts")
    else:
        view = _view(import_id)
        _demand(view.status == "ready", f"the import is {view.status}, not ready")
        _demand(report.facts == view.staged == _staged(import_id), "not all facts are staged that were found")
    _demand(_facts() == before, "checking wrote facts")
    if end == "ready" and number % POST_EVERY == 0:
        return _post(import_id, before), code
    with transaction.atomic():
        facts.move_to(import_id=import_id, status="discarded", allowed=["ready", "failed"], at=NOW)
    _demand(_uploads() == kept, "a discarded file was kept")
    return end, code


def _post(import_id: int, before: tuple[int, int]) -> str:
    from regulars.flows.import_orders import post_import
    from regulars.flows.settings import programme

    policies, zone = programme()
    for _ in post_import(import_id=import_id, policies=policies, zone=zone, at=NOW):
        pass
    view = _view(import_id)
    _demand(view.status == "done", f"the import is {view.status}, not done")
    outcome = {name: view.counts.get(name, 0) for name in ("recorded", "repeated", "conflict")}
    _demand(sum(outcome.values()) == view.staged, f"of {view.staged} staged facts, {outcome} are told of")
    _demand(_facts()[0] - before[0] == outcome["recorded"], f"{outcome}, but {_facts()[0] - before[0]} facts more")
    return "posted"


def _demand(true: bool, otherwise: str) -> None:
    if not true:
        raise HalfImport(otherwise)


def _named(error: Any) -> str:
    from regulars.core.errors import DomainError

    code = str(error.code)
    if code == DomainError.code or str(error) == code:
        raise AssertionError(f"{type(error).__name__} says neither what is wrong nor what to do") from error
    return code


def _view(import_id: int) -> Any:
    from regulars.facts import imports_view

    view = imports_view.get(import_id)
    assert view is not None
    return view


def _facts() -> tuple[int, int]:
    """How many facts there are, and the newest."""
    rows = _run("SELECT count(*), coalesce(max(id), 0) FROM facts_fact")
    return rows[0][0], rows[0][1]


def _staged(import_id: int) -> int:
    return int(_run("SELECT count(*) FROM facts_stagedfact WHERE import_id = %s", [import_id])[0][0])


def _run(statement: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
    from django.db import connection

    from regulars.core import bulk

    return bulk.run(connection, statement, parameters)


def _uploads() -> set[str]:
    from django.core.files.storage import default_storage

    from regulars.facts.uploads import FOLDER

    return set(default_storage.listdir(FOLDER)[1]) if default_storage.exists(FOLDER) else set()


if __name__ == "__main__":
    main()
