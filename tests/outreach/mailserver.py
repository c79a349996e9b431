"""A real mail server on loopback that takes messages, and misbehaves towards those whose address asks for it.

refused…@   no such mailbox (550 5.1.1)         blocked…@  not from us (550 5.7.1)
full…@      not now (452), for ever             later…@    not now (451), the first time
bad…@       the text is refused (554)           hangs…@    takes the message and does not answer in time
drops…@     takes the message and is gone       gone…@     breaks the connection before the text
"""

import asyncio
import re
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HANGS_S = 1.0


class Post:
    """What the server took, in memory and, if there is a file, a line each: `recipient message-id`."""

    def __init__(self, file: Path | None = None, *, hangs_s: float = HANGS_S) -> None:
        self.file, self.hangs_s = file, hangs_s
        self.taken: list[tuple[str, Message]] = []
        self.asked: set[str] = set()
        self.connections = 0

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        kind = kind_of(address)
        if kind == "refused":
            return "550 5.1.1 No such mailbox"
        if kind == "blocked":
            return "550 5.7.1 Not from you"
        if kind == "full" or (kind == "later" and address not in self.asked):
            self.asked.add(address)
            return "452 4.2.2 Full" if kind == "full" else "451 4.7.1 Come back later"
        if kind == "gone":
            _break_off(server)
            return "250 OK"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        address = envelope.rcpt_tos[0]
        kind, content = kind_of(address), envelope.content
        assert isinstance(content, bytes)
        if kind == "bad":
            return "554 5.6.0 We do not like this text"
        self._take(address, content)
        if kind == "hangs":
            await asyncio.sleep(self.hangs_s)
        if kind == "drops":
            _break_off(server)
        return "250 OK"

    def _take(self, address: str, content: bytes) -> None:
        if self.file is None:
            self.taken.append((address, message_from_bytes(content)))
            return
        found = re.search(rb"(?im)^message-id:\s*(\S+)", content)
        with self.file.open("a") as out:
            out.write(f"{address} {found.group(1).decode() if found else ''}\n")


def _break_off(server: SMTP) -> None:
    transport: Any = server.transport
    transport.abort()


def kind_of(address: str) -> str:
    """How the server treats an address: the letters that it begins with."""
    found = re.match(r"[a-z]+", address)
    return found.group() if found else ""


class MailServer:
    """The server in a thread of this process; `port` 0 takes a free one."""

    def __init__(self, post: Post, port: int = 0) -> None:
        self.post = post
        self._controller: Any = Controller(post, hostname="127.0.0.1", port=port or free_port(), ready_timeout=10)
        self.port: int = self._controller.port

    def __enter__(self) -> "MailServer":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    def url(self, **more: str) -> str:
        """For REGULARS_EMAIL_URL."""
        rest = "".join(f"&{name}={value}" for name, value in more.items())
        return (
            f"smtp://127.0.0.1:{self.port}?security=none&timeout=0.4&from=Caf%C3%A9%20%3Chello%40cafe.example%3E{rest}"
        )


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
