"""Sending one message over HTTP: to an address that was looked at first, within a deadline, following nothing.

A host's name is resolved once; every address that it has must be allowed; the connection goes to one of those, and the
name is only used for the certificate and the Host header. So a name that leads somewhere else a moment later changes
nothing (DNS rebinding). Neither proxies nor the environment are asked.
"""

import io
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, Final
from urllib.parse import urlsplit

from regulars.webhooks.rules import Answered, is_public

CONNECT_S: Final = 5.0
WHOLE_S: Final = 15.0
"""From the first byte sent to the last one read."""
KEPT_BYTES: Final = 500
READ_BYTES: Final = 64 * 1024
"""What is read of an answer; a longer one ends the connection."""
Resolve = Callable[[str, int], list[str]]


class Refused(Exception):
    """Nothing was sent; the code says why."""

    def __init__(self, trouble: str) -> None:
        super().__init__(trouble)
        self.trouble = trouble


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def allowed(host: str, port: int, *, internal: bool, resolver: Resolve = resolve) -> list[str]:
    """The addresses of a host, if all of them may be sent to.

    Raises:
        Refused: `unknown_host`, or `private_address`.
    """
    try:
        addresses = resolver(host, port)
    except (OSError, UnicodeError) as error:
        raise Refused("unknown_host") from error
    if not addresses:
        raise Refused("unknown_host")
    if not internal and not all(map(is_public, addresses)):
        raise Refused("private_address")
    return addresses


class Sender:
    """Connections to one endpoint, one at a time, kept open between messages."""

    def __init__(self, url: str, *, internal: bool, resolver: Resolve = resolve, whole_s: float = WHOLE_S) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._tls else 80)
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._internal, self._resolver, self._whole_s = internal, resolver, whole_s
        self._connection: _Pinned | None = None

    def send(self, body: bytes, headers: Mapping[str, str], *, clock: Callable[[], datetime]) -> Answered:
        """Send one message, and again on a new connection if a kept one turns out to be closed. Never raises."""
        at, begun = clock(), time.monotonic()
        kept = self._connection is not None
        answered = self._once(body, headers, at, begun)
        if kept and answered.trouble in ("connection_lost", "connection_refused"):
            answered = self._once(body, headers, at, begun)
        return answered

    def close(self) -> None:
        """Close what is open."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _once(self, body: bytes, headers: Mapping[str, str], at: datetime, begun: float) -> Answered:
        try:
            connection = self._connection or self._connect()
            self._connection = connection
            connection.until = begun + self._whole_s
            connection.tick()
            connection.request("POST", self._target, body=body, headers={**headers, "User-Agent": "Regulars-Webhooks"})
            response = connection.getresponse()
            told = response.read(READ_BYTES)
        except Refused as refused:
            trouble = refused.trouble
        except ssl.SSLError:
            trouble = "bad_certificate"
        except TimeoutError:
            trouble = "timeout"
        except ConnectionRefusedError:
            trouble = "connection_refused"
        except (OSError, HTTPException, ValueError):
            trouble = "connection_lost"
        else:
            if response.will_close or not response.isclosed():
                self.close()
            return Answered(
                at, _ms(begun), response.status, answer=_text(told[:KEPT_BYTES]),
                retry_after_s=_retry_after(response.headers.get("Retry-After"), at),
            )  # fmt: skip
        self.close()
        return Answered(at, _ms(begun), trouble=trouble)

    def _connect(self) -> "_Pinned":
        addresses = allowed(self._host, self._port, internal=self._internal, resolver=self._resolver)
        return _Pinned(self._host, self._port, addresses, tls=self._tls)


class _Pinned(HTTPConnection):
    """A connection to addresses that were looked at, with one deadline over everything that is read and written."""

    def __init__(self, host: str, port: int, addresses: list[str], *, tls: bool) -> None:
        super().__init__(host, port, timeout=CONNECT_S)
        self._addresses, self._tls = addresses, tls
        self.until = time.monotonic() + WHOLE_S

    def connect(self) -> None:
        """Connect to the first of the addresses that answers."""
        failed: OSError | None = None
        for address in self._addresses:
            try:
                made = socket.create_connection((address, self.port), timeout=min(CONNECT_S, self.left()))
            except OSError as error:
                failed = error
                continue
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sock = _context().wrap_socket(made, server_hostname=self.host) if self._tls else made
            self.sock.settimeout(self.left())
            return
        raise failed or OSError("no address")

    def tick(self) -> None:
        """Give what follows no longer than what is left."""
        if self.sock is not None:
            self.sock.settimeout(self.left())

    def left(self) -> float:
        """Seconds until the deadline.

        Raises:
            TimeoutError: It has passed.
        """
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def response_class(self, sock: socket.socket, **more: Any) -> HTTPResponse:  # type: ignore[override]
        """A response whose every read knows the deadline: a drip of bytes does not hold it up."""
        return HTTPResponse(_Watched(sock, self.left), **more)  # type: ignore[arg-type]


class _Watched(io.RawIOBase):
    """What http.client reads an answer from."""

    def __init__(self, sock: socket.socket, left: Callable[[], float]) -> None:
        self._sock, self._left = sock, left

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._left())
        return self._sock.recv_into(buffer)


def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _ms(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)


def _text(told: bytes) -> str:
    return told.decode(errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _retry_after(header: str | None, at: datetime) -> int | None:
    """Seconds, from seconds or from a date; None for what is neither."""
    if header is None:
        return None
    if header.strip().isascii() and header.strip().isdecimal():
        return int(header.strip()[:9])
    try:
        return max(0, round((parsedate_to_datetime(header) - at).total_seconds()))
    except (TypeError, ValueError):
        return None
