"""Sealing what must not lie open in the database or in a backup: only this instance's secret key opens it."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from regulars.core.errors import DomainError

PURPOSE = b"regulars: secrets of the business"
"""Goes into the key, so that it serves nothing else that is made from the same secret key."""


class SecretUnreadable(DomainError):
    """A secret was sealed with another key than this instance has: it has to be entered again."""

    code = "secret_unreadable"


def seal(text: str) -> str:
    """The text as it may be kept."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text behind what was kept.

    Raises:
        SecretUnreadable: The instance's secret key is another one by now.
    """
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable("This was sealed with another secret key; enter it again.") from error


def _box() -> MultiFernet:
    """The first key seals; former ones, while Django still knows them, open."""
    keys = [settings.SECRET_KEY, *getattr(settings, "SECRET_KEY_FALLBACKS", [])]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    # The secret key is long and random, so no slow hash is needed: there is nothing to guess.
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return base64.urlsafe_b64encode(made)


def token_for(purpose: str) -> str:
    """Letters that nobody guesses, always the same for a purpose: for an address that others call us at.

    Nothing is kept of it, and whoever may see the settings may see it.
    """
    made = hmac.new(settings.SECRET_KEY.encode(), f"regulars token: {purpose}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made.digest()[:18]).decode()
