"""What an instance's surroundings say: `REGULARS_*` variables and the files of the data folder.

Reading them has no side effect, since tools import the settings without meaning to start anything.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from regulars.config import postgres
from regulars.core.errors import DomainError

CONNECTION_AGE_SECONDS = 600
PREPARE_AFTER = 5
"""Executions after which a statement is prepared, so that it is planned once a connection and not once a call."""


class BadEnvironment(DomainError):
    """A `REGULARS_*` variable cannot be understood."""

    code = "bad_environment"


def data_dir() -> Path:
    """The folder that holds everything this instance keeps; `./var` unless told otherwise."""
    return Path(os.environ.get("REGULARS_DATA_DIR") or "var").expanduser().resolve()


def port() -> int:
    """The loopback port that `regulars serve` listens on."""
    text = os.environ.get("REGULARS_PORT") or "8000"
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text) < 65_536:
        raise BadEnvironment(f"REGULARS_PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def lanes() -> int | None:
    """How many processes a large import may use; None: by its size and the cores.

    Raises:
        BadEnvironment: REGULARS_LANES is not a number from 1 to 16.
    """
    text = os.environ.get("REGULARS_LANES") or ""
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= 16:
        raise BadEnvironment(f"REGULARS_LANES is {text!r}, but it must be a number from 1 to 16.")
    return int(text)


def database_url() -> str | None:
    """The address of a PostgreSQL that somebody else runs, or None for the embedded one."""
    return os.environ.get("REGULARS_DATABASE_URL") or None


def engine() -> str:
    """Where the picture is computed: `duckdb` in this process, or a Spark at `sc://host:port`."""
    told = os.environ.get("REGULARS_ENGINE") or "duckdb"
    if told != "duckdb" and not told.startswith("sc://"):
        raise BadEnvironment(f"REGULARS_ENGINE must be duckdb or sc://host:port, not {told!r}.")
    return told


def webhooks_internal() -> bool:
    """Whether webhooks may go to receivers inside the network, over plain HTTP too: the operator's choice alone."""
    return os.environ.get("REGULARS_WEBHOOKS_INTERNAL") == "1"


def behind_https() -> bool:
    """Whether a proxy in front of this instance speaks HTTPS, so that cookies may insist on it."""
    return os.environ.get("REGULARS_HTTPS") == "1"


def database() -> dict[str, Any]:
    """Django's settings for the one database; a server that is not running yet is not started here."""
    url = database_url()
    return {
        "ENGINE": "regulars.config.connections",
        **(_from_url(url) if url else _embedded()),
        # Each serving thread keeps its connection; it is looked at whether the server was restarted meanwhile.
        "CONN_MAX_AGE": CONNECTION_AGE_SECONDS,
        "CONN_HEALTH_CHECKS": True,
    }


def _embedded() -> dict[str, Any]:
    address = postgres.address(data_dir())
    return {
        "NAME": address.database,
        "USER": address.user,
        "PASSWORD": address.password,
        "HOST": address.host,
        "PORT": str(address.port or ""),
        "OPTIONS": {"connect_timeout": 10, "prepare_threshold": PREPARE_AFTER},
    }


def _from_url(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise BadEnvironment("REGULARS_DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    name = unquote(parts.path.removeprefix("/"))
    if not name:
        raise BadEnvironment("REGULARS_DATABASE_URL names no database: end it with /name.")
    try:
        number = parts.port
    except ValueError as error:
        raise BadEnvironment("REGULARS_DATABASE_URL has a port that is not a number.") from error
    options: dict[str, Any] = {"connect_timeout": 10, **dict(parse_qsl(parts.query))}
    threshold = options.pop("prepare_threshold", PREPARE_AFTER)
    options["prepare_threshold"] = None if threshold in ("off", "none") else int(threshold)
    # libpq takes a socket folder as ?host=/path, since a path cannot stand where a host name stands.
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "NAME": name,
        "USER": options.pop("user", None) or unquote(parts.username or ""),
        "PASSWORD": options.pop("password", None) or unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(options.pop("port", number or "")),
        "OPTIONS": options,
    }


def log_level() -> str:
    """How much is written to the log: one of Python's level names."""
    level = (os.environ.get("REGULARS_LOG") or "INFO").upper()
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        raise BadEnvironment(f"REGULARS_LOG must be DEBUG, INFO, WARNING, ERROR or CRITICAL, not {level!r}.")
    return level


def logging() -> dict[str, Any]:
    """Log lines on standard error: time, level, place, message. Nobody's personal data belongs in them."""
    level = log_level()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)-7s %(name)s: %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "regulars": {"level": level},
            # SQL with its parameters is personal data, so Django's database log stays off even at DEBUG.
            "django.db.backends": {"level": "WARNING"},
            "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "procrastinate": {"level": "WARNING"},
            "axes": {"level": "ERROR"},
        },
    }
