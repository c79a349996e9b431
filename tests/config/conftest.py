"""Instances of their own, for tests that start, kill and stop servers."""

import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from regulars.config import postgres
from regulars.config.postgres import Address


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that the server's account can enter, which pytest's own temporary folders are not for root."""
    own = Path(os.environ["REGULARS_DATA_DIR"])
    path = own.parent / f"{own.name}-{uuid.uuid4().hex[:8]}"
    yield path
    postgres.stop(path)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def ensure() -> Callable[..., Address]:
    """Start a server that takes little memory and does not wait for the disk."""
    overrides = {"fsync": "off", "shared_buffers": "16MB", "max_connections": "20", "max_wal_size": "256MB"}
    return lambda path, **more: postgres.ensure_running(path, overrides=overrides, **more)


@pytest.fixture(scope="session")
def template(ensure: Callable[..., Address]) -> Iterator[Path]:
    """An instance whose server ran once; copying it is quicker than making another."""
    own = Path(os.environ["REGULARS_DATA_DIR"])
    path = own.parent / f"{own.name}-template-{uuid.uuid4().hex[:8]}"
    ensure(path)
    postgres.stop(path)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def made(template: Path, folder: Path) -> Path:
    """A data folder with a server that was stopped."""
    subprocess.run(["cp", "-a", template, folder], check=True)
    return folder
