"""Where expressions run: DuckDB in this process, or a Spark that is reached through Spark Connect."""

import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ibis

from regulars.core.errors import DomainError

DUCKDB = "duckdb"
SPARK = "sc://"
SPARK_PORT = 15002
KNOCK_SECONDS = 5.0
MOST_MEMORY = 3 * 2**30


class UnknownEngine(DomainError):
    """The engine's address is neither `duckdb` nor `sc://host:port`."""

    code = "unknown_engine"


class EngineUnreachable(DomainError):
    """Spark does not answer, or what it takes to speak with it is not installed."""

    code = "engine_unreachable"


def connect(
    engine: str = DUCKDB, *, memory: str | None = None, threads: int | None = None, scratch: Path | None = None
) -> Any:
    """An Ibis connection to an engine.

    Args:
        engine: 'duckdb', or 'sc://host:port' for Spark Connect.
        memory: The most that DuckDB takes (half the machine's, at most 3 GB, if None); what needs more goes through
            `scratch`.
        threads: Of DuckDB; all cores if None.
    Raises:
        UnknownEngine, EngineUnreachable: As they say.
    """
    if engine == DUCKDB:
        settings: dict[str, Any] = {"memory_limit": memory or _memory(), "preserve_insertion_order": False}
        if threads is not None:
            settings["threads"] = threads
        if scratch is not None:
            settings["temp_directory"] = str(scratch)
        return ibis.duckdb.connect(**settings)
    if not engine.startswith(SPARK):
        raise UnknownEngine(f"REGULARS_ENGINE must be duckdb or sc://host:port, not {engine!r}.")
    _knock(engine)
    try:
        from pyspark.sql import SparkSession

        session = SparkSession.builder.remote(engine).getOrCreate()
        connection = ibis.pyspark.connect(session)
        connection.spark_session = session  # Ibis keeps it to itself, and reads no more than one file at a time
        return connection
    except ImportError as error:
        raise EngineUnreachable("Spark needs one more package: install regulars[scale].") from error
    except Exception as error:  # whatever gRPC says
        raise EngineUnreachable(f"Spark at {engine} does not answer: {error}") from error


def _knock(engine: str) -> None:
    """Nobody waits for minutes until gRPC has given up on a server that is not there."""
    address = urlsplit(engine)
    try:
        socket.create_connection((address.hostname or "", address.port or SPARK_PORT), timeout=KNOCK_SECONDS).close()
    except (OSError, ValueError) as error:
        raise EngineUnreachable(f"Spark at {engine} does not answer: {error}") from error


def _memory() -> str:
    half = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    return f"{min(half, MOST_MEMORY) // 2**20}MiB"


def read(connection: Any, files: Sequence[Path], name: str) -> Any:
    """Parquet files of one shape as one Ibis table. Spark has to see them under the same path."""
    paths = [str(file) for file in files]
    if connection.name == DUCKDB:
        return connection.read_parquet(paths, table_name=name)
    connection.spark_session.read.parquet(*paths).createOrReplaceTempView(name)
    return connection.table(name)
