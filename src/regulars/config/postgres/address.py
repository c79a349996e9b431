"""How to reach the embedded server: read from its files, whether it runs or not."""

from dataclasses import dataclass, field
from pathlib import Path

from regulars.config.postgres.errors import AccessDenied
from regulars.config.postgres.layout import Layout, layout

DATABASE = "regulars"
USER = "regulars"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens; `port` is 0 and the password empty before its first start."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str = DATABASE


def address(data_dir: Path) -> Address:
    """The address of an instance's embedded server."""
    return address_of(layout(data_dir))


def address_of(where: Layout) -> Address:
    """The same, when the paths are known already."""
    port = _read(where.port_file)
    return Address(
        host=str(where.run),
        port=int(port) if port.isdecimal() else 0,
        user=USER,
        password=_read(where.password_file),
    )


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except PermissionError as error:
        raise AccessDenied(f"{path} cannot be read: use the account that the data folder belongs to.") from error
