"""A throw-away instance to measure on, or one that is kept for the next run."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = "Asia/Shanghai"
EMAIL, PASSWORD = "bench@example.com", "not-used-by-anybody"


@contextmanager
def instance(kept: Path | None = None) -> Iterator[Path]:
    """An instance with the retail programme: empty and gone afterwards, or in a folder that stays as it is left."""
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        data = kept or Path(folder)
        data.mkdir(exist_ok=True)
        data.chmod(0o755)
        os.environ["REGULARS_DATA_DIR"] = str(data)
        from regulars.config import boot, postgres

        boot.everything()
        from regulars.flows.set_up import set_up
        from regulars.staff import queries as staff

        if not staff.has_staff():
            set_up(
                business="Bench", time_zone=ZONE, currency="CNY", language="en", email=EMAIL, name="",
                password=PASSWORD, at=datetime(2000, 1, 1, tzinfo=UTC),
            )  # fmt: skip
        try:
            yield data
        finally:
            from django.db import connections

            connections.close_all()
            postgres.stop(data)


def zone() -> ZoneInfo:
    """The bench's time zone."""
    return ZoneInfo(ZONE)
