"""How a customer may be known."""

from enum import IntEnum
from typing import NamedTuple


class IdentityKind(IntEnum):
    """Kinds of identity, strongest first: the first one found decides whose fact it is."""

    MEMBER_NUMBER = 1
    UNIONID = 2
    OPENID = 3
    EXTERNAL_USER = 4
    EXTERNAL_ID = 5
    PHONE = 6
    EMAIL = 7
    ANONYMOUS = 8


class Identity(NamedTuple):
    """A normalised name for a customer. `space` is the appid of an openid or the source of an external id, else ''."""

    kind: int
    space: str
    value: str
