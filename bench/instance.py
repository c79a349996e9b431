"""A throw-away instance to measure on."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = "Asia/Shanghai"


@contextmanager
def instance() -> Iterator[Path]:
    """An empty instance with the retail programme, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        data = Path(folder)
        data.chmod(0o755)
        os.environ["REGULARS_DATA_DIR"] = folder
        from regulars.config import boot, postgres

        boot.everything()
        from regulars.flows.set_up import set_up

        set_up(
            business="Bench", time_zone=ZONE, currency="CNY", language="en", email="bench@example.com", name="",
            password="not-used-by-anybody", at=datetime(2000, 1, 1, tzinfo=UTC),
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
