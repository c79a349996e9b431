"""One message over HTTP: to where it may go, in the time that it may take."""

import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from regulars.webhooks import sending
from regulars.webhooks.rules import Answered
from regulars.webhooks.sending import Sender
from tests.webhooks.receiver import drips, receiver, says, sleeps


def now() -> datetime:
    return datetime.now(UTC)


def send(url: str, *, internal: bool = True, whole_s: float = 2.0, resolver=sending.resolve) -> Answered:
    sender = Sender(url, internal=internal, resolver=resolver, whole_s=whole_s)
    try:
        return sender.send(b'{"type": "webhook.ping"}', {"webhook-id": "msg_1"}, clock=now)
    finally:
        sender.close()


def test_what_arrives() -> None:
    with receiver(says(200, b"thanks")) as shop:
        answered = send(shop.url)
    assert (answered.status, answered.trouble, answered.answer, answered.is_taken) == (200, "", "thanks", True)
    headers, body = shop.got[0]
    assert body == b'{"type": "webhook.ping"}'
    assert headers["host"] == f"127.0.0.1:{shop.port}"
    assert headers["webhook-id"] == "msg_1"


def test_one_connection_for_many_messages_and_a_new_one_when_it_was_closed() -> None:
    with receiver() as shop:
        sender = Sender(shop.url, internal=True)
        assert all(sender.send(b"{}", {"webhook-id": str(n)}, clock=now).is_taken for n in range(5))
        assert len(shop.connections) == 1
        sender._connection.sock.shutdown(2)  # type: ignore[union-attr]
        assert sender.send(b"{}", {"webhook-id": "6"}, clock=now).is_taken
        assert len(shop.connections) == 2
        sender.close()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with receiver() as elsewhere, receiver(says(status, Location=elsewhere.url)) as shop:
        answered = send(shop.url)
    assert (answered.status, answered.is_taken) == (status, False)
    assert elsewhere.got == []


def test_only_the_first_letters_of_an_answer_are_kept() -> None:
    with receiver(says(500, b"<h1>\x00" + b"x" * 200_000)) as shop:
        answered = send(shop.url)
    assert answered.status == 500
    assert len(answered.answer) == sending.KEPT_BYTES
    assert "\x00" not in answered.answer


@pytest.mark.parametrize("slow", [sleeps(3), drips], ids=["silent", "dripping"])
def test_nobody_is_waited_for_longer_than_the_deadline(slow) -> None:
    with receiver(slow) as shop:
        begun = time.monotonic()
        answered = send(shop.url, whole_s=0.3)
    assert (answered.status, answered.trouble) == (None, "timeout")
    assert time.monotonic() - begun < 1.0


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9.9\r\n", b"HTTP/1.1 20", b"\x15\x03\x01", b""])
def test_what_is_no_answer_is_a_lost_connection(answer: bytes) -> None:
    def breaks(handler) -> None:
        handler.connection.sendall(answer)
        handler.close_connection = True

    with receiver(breaks) as shop:
        answered = send(shop.url)
    assert (answered.status, answered.trouble) == (None, "connection_lost")


def test_nobody_there() -> None:
    with receiver() as shop:
        pass
    assert send(shop.url).trouble == "connection_refused"
    assert send("https://nothing.invalid/").trouble == "unknown_host"


class TestWhereItMayGo:
    """Without the setting nothing inside can be reached, whatever a name says."""

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1", "2130706433"])
    def test_not_this_machine(self, host: str) -> None:
        with receiver() as shop:
            answered = send(f"http://{host}:{shop.port}/", internal=False)
        assert answered.trouble == "private_address"
        assert shop.got == []

    def test_one_address_inside_among_others_is_enough(self) -> None:
        answered = send("https://shop.example/", internal=False, resolver=lambda *_: ["93.184.216.34", "10.0.0.1"])
        assert answered.trouble == "private_address"

    def test_a_name_that_leads_elsewhere_a_moment_later(self) -> None:
        """DNS rebinding: the name is asked once, and the connection goes to what was looked at."""
        with receiver() as inside:
            asked: list[str] = []

            def rebinding(host: str, port: int) -> list[str]:
                asked.append(host)
                return ["192.0.2.7"] if len(asked) == 1 else ["127.0.0.1"]

            sender = Sender(f"http://shop.example:{inside.port}/", internal=True, resolver=rebinding, whole_s=0.3)
            answered = sender.send(b"{}", {}, clock=now)
            sender.close()
        assert asked == ["shop.example"], "asked once, also by the connection"
        assert answered.status is None
        assert inside.got == []

    def test_a_kept_connection_stays_where_it_was(self) -> None:
        with receiver() as shop:
            addresses = [["127.0.0.1"], ["192.0.2.7"]]
            sender = Sender(f"http://shop.example:{shop.port}/", internal=True, resolver=lambda *_: addresses.pop(0))
            assert all(sender.send(b"{}", {}, clock=now).is_taken for _ in range(3))
            sender.close()
        assert shop.got[0][0]["host"] == f"shop.example:{shop.port}"

    def test_proxies_of_the_environment_are_not_asked(self, monkeypatch) -> None:
        with receiver() as proxy, receiver() as shop:
            for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            assert send(shop.url).is_taken
        assert (len(proxy.got), len(shop.got)) == (0, 1)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120), ("0", 0), ("soon", None), ("-5", None), ("99999999999999", 999999999), ("", None)],
)
def test_when_the_receiver_wants_it_again(header: str, seconds: int | None) -> None:
    with receiver(says(503, Retry_After=header)) as shop:
        assert send(shop.url).retry_after_s == seconds


def test_a_date_will_do_as_well() -> None:
    with receiver(says(429, Retry_After=format_datetime(now() + timedelta(minutes=5)))) as shop:
        told = send(shop.url).retry_after_s
    assert told is not None
    assert 290 <= told <= 300


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """A certificate for shop.example, signed by nobody but itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now() - timedelta(days=1)).not_valid_after(now() + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.example")]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    file = tmp_path / "shop.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def tls_port(signed: Path) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_) -> None: ...

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_the_certificate_must_be_good_and_for_the_name(tls_port: int, signed: Path, monkeypatch) -> None:
    here = lambda *_: ["127.0.0.1"]  # noqa: E731
    assert send(f"https://shop.example:{tls_port}/", resolver=here).trouble == "bad_certificate", (
        "nobody vouches for it"
    )
    trusting = ssl.create_default_context(cafile=str(signed))
    monkeypatch.setattr(sending, "_context", lambda: trusting)
    assert send(f"https://shop.example:{tls_port}/", resolver=here).is_taken
    assert send(f"https://other.example:{tls_port}/", resolver=here).trouble == "bad_certificate"
