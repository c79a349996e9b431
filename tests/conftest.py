"""The instance that the tests run on: a data folder and a server of their own, ready before Django reads its settings.

`DJANGO_SETTINGS_MODULE` is set here and not in pyproject.toml: named there, pytest-django would load the settings
before this file could say where the database is.
"""

import fcntl
import os
import tempfile
from itertools import count
from pathlib import Path
from typing import IO

import pytest

from regulars.config import postgres
from tests.browser import chromium

# One browser for the whole run: a fixture that two modules import would be two, and they do not get along.
__all__ = ["chromium"]

SLOTS = 32
# Nothing in these folders outlives the run, so the server need not wait for the disk.
FAST_AND_FORGETFUL = {
    "fsync": "off",
    "autovacuum": "off",  # its transactions hold the feed of facts up, as any do
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
}


def _take_slot() -> tuple[Path, IO[str]]:
    """The first folder that no other test run holds, so that several may run at once; a lock ends with its process."""
    base = Path(tempfile.gettempdir()) / f"regulars-test-{os.geteuid()}"
    base.mkdir(mode=0o755, exist_ok=True)
    if base.stat().st_uid != os.geteuid():
        raise pytest.UsageError(f"{base} belongs to somebody else: remove it, or set TMPDIR to another folder.")
    base.chmod(0o755)
    for slot in range(SLOTS):
        file = (base / f"{slot}.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            continue
        return base / str(slot), file
    raise pytest.UsageError(f"All {SLOTS} test instances in {base} are in use.")


DATA_DIR, _slot_lock = _take_slot()
MEANT_FOR_TESTS = ("REGULARS_DATABASE_URL", "REGULARS_STEPS", "REGULARS_STEPS_SEED", "REGULARS_STEPS_KEPT")
# As a refresh does (insight/compute/apart.py): threads of linear algebra that wait for each other beside a busy process
# take many times as long as one.
os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})
for name in [name for name in os.environ if name.startswith("REGULARS_") and name not in MEANT_FOR_TESTS]:
    del os.environ[name]
os.environ["REGULARS_DATA_DIR"] = str(DATA_DIR)
os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.config.settings"
EMBEDDED = "REGULARS_DATABASE_URL" not in os.environ
if not EMBEDDED:  # a server for each process of the tests, where the address asks for one
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    os.environ["REGULARS_DATABASE_URL"] = os.environ["REGULARS_DATABASE_URL"].replace("{worker}", worker)
if EMBEDDED:
    postgres.ensure_running(DATA_DIR, overrides=FAST_AND_FORGETFUL)


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Settings that make tests quick: cheap password hashes, static files as they lie in the source tree."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    # Threads of a test give their connection back at once, or the test database could not be dropped.
    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0
    settings.WHITENOISE_USE_FINDERS = True
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Leave no server behind."""
    if EMBEDDED:
        postgres.stop(DATA_DIR)
    _slot_lock.close()


@pytest.fixture(autouse=True)
def _forgetful_cache() -> None:
    """Counters of one test, such as wrong passwords, are not held against the next."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def _the_same_lot_in_every_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold-outs are drawn with a salt that nobody can guess; a test must not pass on one day and fail on another."""
    from regulars.experiments import actions as experiments
    from regulars.outreach.campaigns import actions as campaigns

    numbers = count(1)
    for drawing in (experiments, campaigns):
        monkeypatch.setattr(drawing, "new_salt", lambda: f"salt {next(numbers)}")
