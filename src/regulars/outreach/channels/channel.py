"""What a channel is, what it is given, and how it answers. Nothing here sends anything."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from regulars.core.bilingual import Text


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to reach customers. `by_hand`: a person sends each message, nothing leaves by itself."""

    code: str
    name: Text
    by_hand: bool


class Ending(StrEnum):
    """How an attempt to hand a message over ended."""

    SENT = "sent"
    """The server took it."""

    REFUSED = "refused"
    """The server said no, for good."""

    LATER = "later"
    """The server said no for now; it certainly does not have the message."""

    UNKNOWN = "unknown"
    """The message was on its way and no answer came: it may have arrived, so it is never sent again."""

    DOWN = "down"
    """The channel itself does not work (no connection, wrong password); no message is to blame."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How an attempt ended. `reason` is a code for people's words, `detail` what the server said.

    `bounced`: the address itself is the trouble, so nothing more should be sent to it.
    """

    ending: Ending
    reason: str = ""
    detail: str = ""
    message_id: str = ""
    bounced: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, ready to leave.

    `unsubscribe_url` takes one click (RFC 8058); `reference` names the message to the provider and says nothing.
    """

    recipient: str
    subject: str
    text: str
    html: str
    language: str
    message_id: str
    reference: str
    at: datetime
    unsubscribe_url: str = ""


class Sender(Protocol):
    """Hands letters over, over one connection as long as it holds."""

    def send(self, letter: Letter) -> Answer:
        """Hand one letter over; whatever goes wrong is in the answer."""

    def close(self) -> None:
        """Give the connection up."""
