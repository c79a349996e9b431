"""Two engines over one lake: DuckDB, and a Spark Connect server on the loopback address."""

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from regulars.insight.compute import engine, features
from regulars.insight.compute.lake import Lake
from regulars.insight.compute.tables import Tables
from tests.conformance.lake import TODAY, write
from tests.conformance.showing import Shown, shown

ADDRESS = "CONFORMANCE_SPARK"
"""Another Spark to hold against DuckDB, as sc://host:port; it has to see this machine's temporary folder."""


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """The Ibis connection to Spark: the one that ADDRESS names, or Sail started for this run."""
    if address := os.environ.get(ADDRESS):
        connection = engine.connect(address)
        yield connection
        connection.disconnect()
        return
    os.environ.setdefault("RUST_LOG", "error")
    # Spark takes a main module without a file, as parallel runs have it, for its own doctests, and gives up.
    if not hasattr(sys.modules["__main__"], "__file__"):
        sys.modules["__main__"].__file__ = __file__
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer()
    server.start(background=True)
    host, port = server.listening_address
    connection = engine.connect(f"sc://{host}:{port}")
    yield connection
    # The session first: without its server it would wait for minutes.
    connection.disconnect()
    server.stop()


@pytest.fixture(scope="session")
def duckdb() -> Any:
    return engine.connect(threads=1)


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return write(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="session")
def on_duckdb(lake: Lake, duckdb: Any) -> Tables:
    return lake.tables(duckdb)


@pytest.fixture(scope="session")
def on_spark(lake: Lake, spark: Any) -> Tables:
    return lake.tables(spark)


@pytest.fixture(scope="session")
def picture(duckdb: Any, spark: Any, on_duckdb: Tables, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """The features of the lake, as a picture has them."""
    file = tmp_path_factory.mktemp("pictures") / "picture.parquet"
    return shown(features.build(on_duckdb, TODAY).to_pyarrow(), file, (duckdb, spark))
