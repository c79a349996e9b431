"""The one-time code that lets somebody set a new instance up from another machine. `regulars serve` prints it."""

import hmac
import os
import secrets
from pathlib import Path

from django.conf import settings

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
GROUPS, GROUP = 3, 4


def make() -> str:
    """The code, made at its first use and kept until the instance is set up."""
    try:
        handle = os.open(_path(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _path().read_text().strip()
    code = "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    with os.fdopen(handle, "w") as file:
        file.write(code)
    return code


def matches(typed: str) -> bool:
    """Whether this is the code, however it is spelt, in a time that tells nothing."""
    try:
        code = _path().read_text()
    except FileNotFoundError:
        return False
    return hmac.compare_digest(_plain(typed).encode(), _plain(code).encode())


def forget() -> None:
    """The instance is set up: the code opens nothing any more."""
    _path().unlink(missing_ok=True)


def _plain(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())


def _path() -> Path:
    return Path(settings.DATA_DIR) / "setup_code"
