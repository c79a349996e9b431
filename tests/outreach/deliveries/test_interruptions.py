"""Workers that die or run beside each other, against a mail server that misbehaves: everybody gets 0 or 1."""

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing.context import ForkProcess
from pathlib import Path

import pytest
from django.db import connection, connections

from regulars.flows.send_messages import send_messages
from regulars.outreach.models import Delivery
from tests.concurrency.crowd import at_once, failures
from tests.outreach.deliveries.guests import NOON, business, campaign, ends, guests, work
from tests.outreach.mailserver import MailServer, Post, kind_of

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = ("fine",) * 46 + ("refused", "hangs", "later", "drops")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    with MailServer(Post(tmp_path / "taken", hangs_s=0.4)) as made:
        monkeypatch.setenv("REGULARS_EMAIL_URL", made.url().replace("timeout=0.4", "timeout=0.1"))
        yield made


def taken(server: MailServer) -> Counter[str]:
    """How often each address got something."""
    file = server.post.file
    assert file is not None
    return Counter(line.split()[0] for line in file.read_text().splitlines()) if file.exists() else Counter()


def audience(count: int) -> int:
    """A campaign to so many guests of every kind; returns its id."""
    business()
    chance = random.Random(4)
    return campaign(guests(*(f"{chance.choice(KINDS)}{n}@a.example" for n in range(count))))


def check(sent: int, got: Counter[str]) -> None:
    """Nobody has two, and whoever has none has a reason."""
    assert max(got.values()) == 1
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT i.value, d.state, d.reason FROM outreach_delivery d
               JOIN customers_identity i ON i.customer_id = d.customer_id AND i.kind = 7 WHERE d.campaign_id = %s""",
            [sent],
        )
        for address, state, reason in cursor.fetchall():
            if got[address]:
                assert state in ("sent", "unknown"), address
            else:
                assert (state, reason) in (("refused", "recipient_refused"), ("unknown", "interrupted")), address
                assert state == "unknown" or kind_of(address) == "refused"


def at_work(server: MailServer, arrived: int) -> ForkProcess:
    """A worker that is sending, once so many messages have arrived; begun again where the database cut it off."""
    for _ in range(5):
        worker = multiprocessing.get_context("fork").Process(target=_send)
        worker.start()
        while taken(server).total() < arrived and worker.is_alive():
            time.sleep(0.005)
        if worker.is_alive():
            return worker
    raise AssertionError("No worker stays at work.")


def _send() -> None:
    connections.close_all()  # what was open in the process it comes from
    send_messages(clock=lambda: NOON)


def test_killed_workers_send_nothing_twice_and_lose_nothing_unsaid(server: MailServer) -> None:
    sent = audience(120)
    connections.close_all()
    for arrived in (20, 45, 70):
        worker = at_work(server, arrived)
        worker.kill()
        worker.join()
    work()
    work(NOON + timedelta(minutes=5))
    assert not Delivery.objects.filter(state__in=["queued", "sending"]).exists()
    assert ends(sent)["unknown", "interrupted"] <= 3, "at most the one message that each was sending"
    check(sent, taken(server))


def test_four_workers_at_once_share_the_work(server: MailServer) -> None:
    sent = audience(80)
    tallies = at_once([lambda: send_messages(clock=lambda: NOON)] * 4)
    assert failures(tallies) == []
    work(NOON + timedelta(minutes=5))
    check(sent, taken(server))
    assert taken(server).total() == sum(end[0] in ("sent", "unknown") for end in ends(sent).elements())


def test_control_without_the_commit_before_the_call_a_kill_sends_again(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were a message only marked once it was sent, whoever comes after a killed worker would send it a second time."""
    from regulars.outreach.channels.smtp import SmtpSender
    from regulars.outreach.deliveries import sending

    sent = audience(3)
    real = SmtpSender.hand_over
    monkeypatch.setattr(sending, "BEGIN", sending.BEGIN.replace("state = 'sending', sending_at", "sending_at"))

    class Killed(BaseException):
        """kill -9, as far as this process can tell."""

    def killed(self: SmtpSender, message: object) -> object:
        real(self, message)  # type: ignore[arg-type]
        raise Killed

    monkeypatch.setattr(SmtpSender, "hand_over", killed)
    for _ in range(2):
        with pytest.raises(Killed):
            work()
    assert max(taken(server).values()) == 2
    assert ends(sent)["sent", ""] == 0
