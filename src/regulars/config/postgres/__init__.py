"""The embedded PostgreSQL: a real server from a wheel, started by whoever needs it first and child of nobody."""

from regulars.config.postgres.address import Address, address
from regulars.config.postgres.errors import PostgresError
from regulars.config.postgres.server import ensure_running, is_running, stop

__all__ = ["Address", "PostgresError", "address", "ensure_running", "is_running", "stop"]
