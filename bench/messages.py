"""20,000 real messages while the worker is killed ten times and the mail server once: everybody gets 0 or 1.

One in a hundred is refused by the server, one in a hundred is taken and never answered. What the server took is a line
each in a file, written before it answers; that file is compared with what the database says became of every message.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.instance import instance

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "20000"))
WORKERS, KILLS, RESTARTS = 2, 10, 1
HANGS_S, TIMEOUT_S = 0.6, 0.3
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
"""Twelve o'clock where the bench's business is, so that messages may leave."""
Process = subprocess.Popen[bytes]


def main() -> None:
    """Play the parent, the mail server, or the worker that is killed."""
    if "--serve" in sys.argv:
        serve(int(sys.argv[-2]), Path(sys.argv[-1]))
    elif "--work" in sys.argv:
        work(float(sys.argv[-1]))
    else:
        with instance() as data:
            print(json.dumps(measure(data)))


def serve(port: int, file: Path) -> None:
    """Take messages until somebody ends the process."""
    from tests.outreach.mailserver import MailServer, Post

    with MailServer(Post(file, hangs_s=HANGS_S), port=port):
        signal.pause()


def work(begun: float) -> None:
    """Send until nothing waits any more; when the server is away, try again."""
    from regulars.config import boot

    boot.everything()
    from regulars.flows.send_messages import send_messages

    while send_messages(clock=lambda: NOON + timedelta(seconds=time.time() - begun)).trouble:
        time.sleep(0.2)


def measure(data: Path) -> dict[str, object]:
    """Kill at random moments, start again, and compare."""
    from tests.outreach.mailserver import free_port

    campaign, file, port = _audience(), data / "taken", free_port()
    options = f"security=none&timeout={TIMEOUT_S}&from=hello%40cafe.example"
    os.environ["REGULARS_EMAIL_URL"] = f"smtp://127.0.0.1:{port}?{options}"
    chance, log = random.Random(7), list[str]()
    server, begun = _server(port, file), time.time()
    workers = [_worker(begun) for _ in range(WORKERS)]
    moments = sorted(chance.uniform(0.05, 0.9) * MESSAGES for _ in range(KILLS))
    restarts = [0.5 * MESSAGES] * RESTARTS
    while any(one.poll() is None for one in workers):
        time.sleep(0.05)
        taken = _lines(file)
        if moments and taken >= moments[0]:
            moments.pop(0)
            place = chance.randrange(WORKERS)
            _kill(workers[place], "worker", log)
            workers[place] = _worker(begun)
        if restarts and taken >= restarts[0]:
            restarts.pop(0)
            _kill(server, "mail server", log)
            time.sleep(0.5)
            server = _server(port, file)
    seconds = time.time() - begun
    last = _worker(begun)
    last.wait()
    server.kill()
    rate = {"seconds": round(seconds, 1), "messages_per_second": round(MESSAGES / seconds)}
    return {"bench": "messages", "messages": MESSAGES, **_outcome(campaign, file), **rate, "log": log}


def _audience() -> int:
    """A campaign with a coupon, running, and its messages in the queue; returns its id."""
    from django.db import connection

    from regulars.core import bulk
    from regulars.core.bilingual import Text
    from regulars.customers import actions as customers
    from regulars.customers.actions import Word
    from regulars.loyalty.coupons import actions as coupons
    from regulars.loyalty.coupons.rules import OfferKind, Terms
    from regulars.outreach.deliveries.queue import queue_many
    from regulars.outreach.deliveries.rules import Queued
    from regulars.outreach.models import Campaign

    kinds = ["refused", "hangs", *["guest"] * 98]
    random.Random(3).shuffle(kinds)
    addresses = [f"{kinds[place % 100]}{place}@a.example" for place in range(MESSAGES)]
    rows = bulk.run(
        connection,
        f"""WITH made AS (
              INSERT INTO customers_customer (id, canonical_id, name, language, joined_on, created_at, hidden)
              SELECT n, n, 'Guest ' || n, 'en', '2025-01-01', %s, false FROM (
                SELECT nextval(pg_get_serial_sequence('customers_customer', 'id')) AS n FROM generate_series(1, %s)) s
              RETURNING id
            ), numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS place FROM made
            ), mails AS (
              INSERT INTO customers_identity (kind, space, value, customer_id, created_at)
              SELECT 7, '', a.value, m.id, %s FROM numbered m JOIN (
                SELECT v AS value, row_number() OVER () AS place FROM {bulk.unnest("text")} AS u (v)
              ) a USING (place) RETURNING 1
            ) SELECT id FROM made, (SELECT count(*) FROM mails) done ORDER BY id""",
        [NOON, MESSAGES, NOON, bulk.Column("text", addresses)],
    )
    ids = [row[0] for row in rows]
    before = NOON - timedelta(days=1)
    customers.record_consents([Word(who, "promotion", "email", True, before, "import") for who in ids])
    offer = coupons.create(name=Text("", "Latte"), terms=Terms(OfferKind.AMOUNT_OFF, 1000), actor="bench", at=before)
    words = {"en": {"subject": "{{name}}, we miss you", "body": "{{offer}}: show {{code}} until {{expires}}."}}
    made = Campaign.objects.create(
        names={"en": "Win back"}, customers=[], channel="email", content=words, state="running", created_at=NOON,
        changed_at=NOON, started_at=NOON, salt="bench", offer_id=offer, offer_version=1,
    )  # fmt: skip
    queue_many(campaign_id=made.pk, channel="email", people=[Queued(who, "en") for who in ids], at=NOON)
    return made.pk


def _worker(begun: float) -> Process:
    return subprocess.Popen([sys.executable, "-m", "bench.messages", "--work", str(begun)])


def _server(port: int, file: Path) -> Process:
    import socket

    server = subprocess.Popen([sys.executable, "-m", "bench.messages", "--serve", str(port), str(file)])
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
            return server
        time.sleep(0.05)
    raise RuntimeError("the mail server did not come up")


def _kill(process: Process, what: str, log: list[str]) -> None:
    process.kill()
    process.wait()
    log.append(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} kill -9 {what} {process.pid}")
    print(log[-1], file=sys.stderr)


def _lines(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.exists() else 0


def _outcome(campaign: int, file: Path) -> dict[str, object]:
    """What each address got, beside what the database says of it."""
    from django.db import connection

    from regulars.core import bulk

    got = Counter(line.split()[0] for line in file.read_text().splitlines())
    rows = bulk.run(
        connection,
        """SELECT i.value, d.state, d.reason FROM outreach_delivery d
           JOIN customers_identity i ON i.customer_id = d.customer_id WHERE d.campaign_id = %s""",
        [campaign],
    )
    none = [row for row in rows if got[row[0]] == 0]
    untold = [row for row in none if row[1] not in ("refused", "unknown", "suppressed") or not row[2]]
    wrong = [row for row in rows if got[row[0]] and row[1] not in ("sent", "unknown")]
    ends = Counter(f"{row[1]} {row[2]}".strip() for row in rows)
    return {
        "got_one": sum(number == 1 for number in got.values()),
        "got_more": sum(number > 1 for number in got.values()),
        "got_none": len(none),
        "none_without_reason": len(untold),
        "got_one_and_told_otherwise": len(wrong),
        "ends": dict(ends.most_common()),
        "kills": KILLS,
        "server_restarts": RESTARTS,
    }


if __name__ == "__main__":
    main()
