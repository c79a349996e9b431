"""What the `REGULARS_*` variables mean."""

from pathlib import Path

import pytest

from regulars.config import environment
from regulars.config.environment import BadEnvironment


def test_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REGULARS_DATA_DIR", str(tmp_path / "shop"))
    assert environment.data_dir() == tmp_path / "shop"
    monkeypatch.delenv("REGULARS_DATA_DIR")
    monkeypatch.chdir(tmp_path)
    assert environment.data_dir() == tmp_path / "var"


def test_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REGULARS_PORT", raising=False)
    assert environment.port() == 8000
    monkeypatch.setenv("REGULARS_PORT", "9001")
    assert environment.port() == 9001


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "80.5", "٣٠"])
def test_a_port_that_is_none(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("REGULARS_PORT", text)
    with pytest.raises(BadEnvironment, match="REGULARS_PORT"):
        environment.port()


def test_reading_the_embedded_address_makes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("REGULARS_DATABASE_URL", raising=False)
    monkeypatch.setenv("REGULARS_DATA_DIR", str(tmp_path / "shop"))
    assert environment.database()["NAME"] == "regulars"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "postgresql://lin:p%40ss%2Fword@db.example:5433/shop?sslmode=require&application_name=x",
            {
                "NAME": "shop",
                "USER": "lin",
                "PASSWORD": "p@ss/word",
                "HOST": "db.example",
                "PORT": "5433",
                "OPTIONS": {
                    "connect_timeout": 10,
                    "sslmode": "require",
                    "application_name": "x",
                    "prepare_threshold": 5,
                },
            },
        ),
        (
            "postgres:///shop?host=/run/postgresql&user=lin",
            {"NAME": "shop", "USER": "lin", "PASSWORD": "", "HOST": "/run/postgresql", "PORT": ""},
        ),
        ("postgresql://[::1]/%E5%BA%97", {"NAME": "店", "HOST": "::1", "PORT": ""}),
    ],
)
def test_an_address_of_a_database(monkeypatch: pytest.MonkeyPatch, url: str, said: dict[str, object]) -> None:
    monkeypatch.setenv("REGULARS_DATABASE_URL", url)
    settings = environment.database()
    assert {name: settings[name] for name in said} == said


@pytest.mark.parametrize("url", ["mysql://host/shop", "shop", "postgresql://host", "postgresql://host:abc/shop"])
def test_an_address_that_is_none(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("REGULARS_DATABASE_URL", url)
    with pytest.raises(BadEnvironment, match="REGULARS_DATABASE_URL"):
        environment.database()


def test_the_log_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_LOG", "debug")
    said = environment.logging()
    assert said["loggers"]["regulars"]["level"] == "DEBUG"
    assert said["loggers"]["django.db.backends"]["level"] == "WARNING"
    monkeypatch.setenv("REGULARS_LOG", "chatty")
    with pytest.raises(BadEnvironment, match="REGULARS_LOG"):
        environment.logging()
