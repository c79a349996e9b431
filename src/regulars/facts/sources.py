"""Systems that number orders."""

from django.db import connection

from regulars.core import bulk


def names() -> list[str]:
    """Every system that has numbered orders, the one first that came first."""
    return [row[0] for row in bulk.run(connection, "SELECT name FROM facts_source ORDER BY id", [])]
