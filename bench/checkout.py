"""The checkout over HTTP: quotes, reserve + capture, captures, and all of them while an import runs.

8 clients in a process of their own against an instance with 20 live rules of three conditions each and a million
members (BENCH_MEMBERS). BENCH_ACTIVE of them have whole histories through the real flow, ten orders in the median and
some two hundred, and it is these who shop; the others fill the tables, each with one order. The same clients first ask
`/healthz`, and as many connections first commit bare transactions of four statements, so the ratios tell what
a step costs above the machine. BENCH_KEEP names a folder that keeps the loaded instance for the next run.
"""

import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.http_orders import HOST, IMPORTED, _lives, _run, _wait_until_up

MEMBERS = int(os.environ.get("BENCH_MEMBERS", "1000000"))
ACTIVE = min(MEMBERS, int(os.environ.get("BENCH_ACTIVE", "20000")))
RULES = 20
WANTED_QUOTE, WANTED_PAIR, WANTED_BUSY, WANTED_CAPTURES = 30, 60, 300, 200
# The others: one order each, in the books as the fold would have it, but for the points of rules.
OTHERS = """
INSERT INTO customers_customer (id, canonical_id, name, language, joined_on, created_at, hidden)
SELECT {first} + n, {first} + n, 'Guest ' || n, '', '2025-01-01', now(), false FROM generate_series(1, {count}) n;
INSERT INTO customers_identity (id, kind, space, value, customer_id, created_at)
SELECT {identity} + n, 1, '', 'N' || n, {first} + n, now() FROM generate_series(1, {count}) n;
INSERT INTO facts_fact (source_id, kind, key, identity_id, occurred_at, business_date, amount, body, digest,
  recorded_at)
SELECT (SELECT min(id) FROM facts_source), 1, 'o' || n, {identity} + n, now() - n % 300 * interval '1 day',
  current_date - (n % 300)::int, 5000,
  '{{"currency":"CNY","paid":5000,"base":5000,"channel":"store","lines":[["1","A",1,5000]]}}', '', now()
FROM generate_series(1, {count}::bigint) n;
INSERT INTO loyalty_standing (customer_id, last_at, last_source, last_key, growth, whole, orders, spent, frozen)
SELECT {first} + n, now() - n % 300 * interval '1 day', 1, 'o' || n, '', true, 1, 5000, false
FROM generate_series(1, {count}::bigint) n;
SELECT setval(pg_get_serial_sequence('customers_customer', 'id'), {first} + {count} + 1);
SELECT setval(pg_get_serial_sequence('customers_identity', 'id'), {identity} + {count} + 1);
"""


def measure(*, seconds: float, clients: int, workers: int | None, port: int) -> dict[str, Any]:
    """Load, serve, drive, stop; rates a second and latencies in milliseconds."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as made:
        folder = Path(os.environ.get("BENCH_KEEP") or made)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
        environment = {**os.environ, "REGULARS_DATA_DIR": str(folder), "REGULARS_PORT": str(port)}
        environment |= {"REGULARS_LOG": "ERROR"}
        environment.pop("REGULARS_DATABASE_URL", None)
        own = [sys.executable, "-m", "bench.checkout"]
        begun = time.perf_counter()
        key = _said([*own, "--prepare"], environment).split()[-1]
        print(f"loaded in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
        bare = json.loads(_said([*own, "--bare", "--clients", str(clients)], environment))
        regulars = str(Path(sys.executable).with_name("regulars"))
        more = ["--workers", str(workers)] if workers else []
        server = subprocess.Popen([regulars, "serve", *more], env=environment, stdout=subprocess.DEVNULL)
        environment["BENCH_KEY"] = key
        drive = [*own, "--drive", str(port), "--clients", str(clients), "--seconds", str(seconds)]
        try:
            _wait_until_up(port)
            told = json.loads(_said(drive, environment))
            busy = _while_importing(drive, regulars, folder, environment)
        finally:
            subprocess.run([regulars, "stop"], env=environment, check=False, capture_output=True)
            server.wait(60)
    found: dict[str, Any] = {
        "bench": "checkout", "cores": os.cpu_count(), "load_before": round(load, 2), "members": MEMBERS,
        "active": ACTIVE, "rules": RULES, "clients": clients, "bare_transaction": bare, **told, "while_importing": busy,
    }  # fmt: skip
    return found | _verdict(found)


def _verdict(found: dict[str, Any]) -> dict[str, Any]:
    busy = max(found["while_importing"][step]["p95_ms"] for step in ("quote", "reserve", "capture"))
    return {
        "quote_to_healthz": round(found["quote"]["rate"] / found["healthz"]["rate"], 3),
        "capture_to_bare": round(found["capture_alone"]["rate"] / found["bare_transaction"]["rate"], 3),
        "met_quote": found["quote"]["p95_ms"] <= WANTED_QUOTE,
        "met_reserve_and_capture": found["reserve_and_capture"]["p95_ms"] <= WANTED_PAIR,
        "met_captures": found["capture_alone"]["rate"] >= WANTED_CAPTURES,
        "met_while_importing": busy <= WANTED_BUSY,
    }


def _said(command: list[str], environment: dict[str, str]) -> str:
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def prepare() -> str:
    """Load the programme, the members and their orders, unless a kept folder has them; returns a key."""
    from regulars.config import boot

    boot.everything(lambda said: None)
    from django.db import connection

    from bench.many_rules import launch_rules
    from regulars.loyalty import queries as loyalty
    from regulars.staff.actions import change_business, create_api_key
    from regulars.staff.rules import SYSTEM

    at = datetime.now(UTC)
    if not loyalty.has_programme():
        change_business(
            by=SYSTEM, at=at, name="Bench", time_zone="Asia/Shanghai", currency="CNY", worth_points=100, worth_minor=100
        )
        launch_rules(RULES)
        _load(at)
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(id) FROM customers_customer")
            first = cursor.fetchone()[0]
            cursor.execute("SELECT max(id) FROM customers_identity")
            identity = cursor.fetchone()[0]
            if MEMBERS > ACTIVE:
                cursor.execute(OTHERS.format(first=first, identity=identity, count=MEMBERS - ACTIVE))
            cursor.execute("VACUUM ANALYZE")
    # Each run begins with points of its own: what an earlier one reserved is left to end.
    return create_api_key(name="Bench", scopes=["checkout.write"], by=SYSTEM, at=at).secret


def _load(at: datetime) -> None:
    from bench.instance import zone
    from regulars.flows.lanes import lanes_for
    from regulars.flows.record_facts import record_many
    from regulars.loyalty import queries as loyalty

    facts = list(_orders(at))
    told = record_many(facts=facts, policies=loyalty.policies(zone()), zone=zone(), at=at, lanes=lanes_for(len(facts)))
    for _ in told:
        pass


def _orders(at: datetime) -> Iterator[Any]:
    """Orders of the active members in the order of time: ten of each in the median, of some two hundred."""
    import numpy as np

    from regulars.facts.kinds import order_completed
    from regulars.facts.rules import Identity, IdentityKind, NewFact

    chance = np.random.default_rng(1)
    each = np.clip(np.round(np.exp(chance.normal(np.log(10), 0.9, ACTIVE))), 1, 220).astype(int)
    who = np.repeat(np.arange(ACTIVE), each)
    minutes = np.sort(chance.integers(60, 360 * 24 * 60, len(who)))[::-1]
    chance.shuffle(who)
    for place, (number, ago) in enumerate(zip(who.tolist(), minutes.tolist(), strict=True)):
        first, second = (int(one) for one in chance.integers((500, 500), (20_000, 9_000)))
        lines = [("1", f"SKU-{first % 500}", 1, first), ("2", f"SKU-{second % 500}", 2, second)]
        body = order_completed.make_body(currency="CNY", paid=first + second, lines=lines)
        known = (Identity(int(IdentityKind.PHONE), "", f"+86{_phone(number)}"),)
        when = at - timedelta(minutes=ago)
        yield NewFact(
            "till", order_completed.CODE, f"O{place:09d}", when, body, known, amount=first + second, store="S1"
        )  # fmt: skip


def bare(clients: int, seconds: float = 4) -> dict[str, Any]:
    """What the machine does in the least that a step is: lock a row, read one, write one, commit."""
    from regulars.config import boot

    boot.everything(lambda said: None)
    from django.db import connection, connections, transaction

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_bare (id bigserial PRIMARY KEY, note text)")
    taken: list[list[float]] = [[] for _ in range(clients)]
    until = time.perf_counter() + seconds

    def one(place: int) -> None:
        luck = random.Random(place)
        while (begun := time.perf_counter()) < until:
            with transaction.atomic(), connection.cursor() as cursor:
                who = luck.randrange(1, MEMBERS)
                cursor.execute("SELECT id FROM customers_customer WHERE id = %s FOR NO KEY UPDATE", [who])
                cursor.execute("SELECT growth FROM loyalty_standing WHERE customer_id = %s", [who])
                cursor.execute("INSERT INTO bench_bare (note) VALUES ('a step')")
            taken[place].append(time.perf_counter() - begun)
        connections.close_all()

    _together(clients, one)
    return _figures([moment for one in taken for moment in one], seconds)


def drive(port: int, *, seconds: float, clients: int, key: str, beside: int | None) -> dict[str, Any]:
    """What the clients see, step by step; or everything at once, as long as a process lives."""
    if beside is not None:
        return _visits(port, clients, 600, key, beside, quotes=True)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    empty = _run(port, clients, seconds / 2, lambda number: ("GET", "/healthz", None, {}))
    asking = lambda number: ("POST", "/api/v1/checkout/quote", _basket(_somebody()), headers)  # noqa: E731
    _run(port, clients, 2, asking)
    quote = _run(port, clients, seconds, asking)
    pairs = _visits(port, clients, seconds, key, None)
    return {
        "healthz": empty, "quote": quote, "reserve": pairs["reserve"], "capture": pairs["capture"],
        "reserve_and_capture": pairs["reserve_and_capture"], "capture_alone": _captures(port, clients, key, seconds),
    }  # fmt: skip


def _visits(
    port: int, clients: int, seconds: float, key: str, beside: int | None, *, quotes: bool = False
) -> dict[str, Any]:
    """Members who reserve and capture, and ask for a quote before."""
    taken: dict[str, list[float]] = {"quote": [], "reserve": [], "capture": [], "reserve_and_capture": []}
    begun = time.perf_counter()

    def one(place: int) -> None:
        send, number = _sender(port, key), 0
        while time.perf_counter() < begun + seconds and _lives(beside):
            who, number = _somebody(), number + 1
            if quotes:
                taken["quote"].append(send("quote", _basket(who), "")[0])
            held, told = send("reserve", _who(who, points=1 + number % 5), _key(place, number, "h"))
            got, _ = send("capture", json.dumps({"hold_id": told["hold_id"]}).encode(), _key(place, number, "c"))
            taken["reserve"].append(held)
            taken["capture"].append(got)
            taken["reserve_and_capture"].append(held + got)

    _together(clients, one)
    lasted = time.perf_counter() - begun
    return {step: _figures(times, lasted) for step, times in taken.items() if times}


def _captures(port: int, clients: int, key: str, seconds: float) -> dict[str, Any]:
    """Captures alone, of holds that were made before."""
    holds: list[list[int]] = [[] for _ in range(clients)]
    taken: list[float] = []

    def reserve(place: int) -> None:
        send = _sender(port, key)
        for number in range(int(seconds * 40)):
            holds[place].append(send("reserve", _who(_somebody(), points=1), _key(place, number, "ha"))[1]["hold_id"])

    def capture(place: int) -> None:
        send = _sender(port, key)
        for number, hold in enumerate(holds[place]):
            taken.append(send("capture", json.dumps({"hold_id": hold}).encode(), _key(place, number, "ca"))[0])

    _together(clients, reserve)
    begun = time.perf_counter()
    _together(clients, capture)
    return _figures(taken, time.perf_counter() - begun)


RUN = f"{time.time_ns():x}"


def _key(place: int, number: int, step: str) -> str:
    return f"{RUN}-{os.getpid()}-{place}-{number}-{step}"


def _somebody() -> str:
    return _phone(random.randrange(ACTIVE))


def _phone(number: int) -> str:
    return f"139{10_000_000 + number * 7919 % 90_000_000:08d}"


def _who(phone: str, **more: Any) -> bytes:
    return json.dumps({"context": {"traits": {"phone": phone}}, "source": "till", **more}).encode()


def _basket(phone: str) -> bytes:
    first, second = random.randrange(500, 20_000), random.randrange(500, 9_000)
    return _who(
        phone,
        basket={
            "total": (first + second) / 100,
            "products": [
                {"sku": f"SKU-{first % 500}", "quantity": 1, "total": first / 100},
                {"sku": f"SKU-{second % 500}", "quantity": 2, "total": second / 100},
            ],
        },
    )


def _sender(port: int, key: str) -> Callable[[str, bytes, str], tuple[float, dict[str, Any]]]:
    """Sends one step after another over a connection of its own; seconds that it took, and the answer."""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def send(step: str, body: bytes, own: str) -> tuple[float, dict[str, Any]]:
        begun = time.perf_counter()
        connection.request("POST", f"/api/v1/checkout/{step}", body, {**headers, "Idempotency-Key": own})
        response = connection.getresponse()
        answer = response.read()
        took = time.perf_counter() - begun
        if response.status != 200:
            raise SystemExit(f"{step}: {response.status} {answer[:300]!r}")
        return took, json.loads(answer)

    return send


def _together(clients: int, work: Callable[[int], None]) -> None:
    failed: list[BaseException] = []

    def one(place: int) -> None:
        try:
            work(place)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=one, args=(place,)) for place in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def _figures(seconds: list[float], lasted: float) -> dict[str, Any]:
    times = sorted(moment * 1000 for moment in seconds)
    parts = {f"p{part}_ms": round(times[min(len(times) - 1, len(times) * part // 100)], 2) for part in (50, 95, 99)}
    return {"requests": len(times), "rate": round(len(times) / lasted, 1), **parts}


def _while_importing(drive: list[str], regulars: str, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """The same clients while the command line imports 100,000 orders of two lines, from its start to its end."""
    file = folder / "orders.csv"
    with file.open("w") as out:
        out.write("order_id,phone,ordered_at,line_id,sku,quantity,amount\n")
        for number in range(IMPORTED):
            at = datetime.now(UTC) + timedelta(hours=8) - timedelta(seconds=number)
            for line in (1, 2):
                amount = random.randrange(500, 20_000) / 100
                phone = f"138{number % 10_000:08d}"
                out.write(f"I{RUN}{number},{phone},{at:%Y-%m-%d %H:%M:%S},{line},P{number % 500},1,{amount}\n")
    told = ["--source", "bench", "--timezone", "Asia/Shanghai", "--yes", "--json"]
    begun = time.perf_counter()
    importing = subprocess.Popen(
        [regulars, "import", "orders", str(file), *told], env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    driven = json.loads(_said([*drive, "--while", str(importing.pid)], environment))
    answer = json.loads((importing.communicate()[0] or "{}").strip().splitlines()[-1])
    if answer.get("recorded") != IMPORTED:
        raise SystemExit(f"The import beside it came to {answer}.")
    return {**driven, "imported": IMPORTED, "import_seconds": round(time.perf_counter() - begun, 1)}


def main() -> None:
    """Measure, or be one of the processes that do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--port", type=int, default=18_432)
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--drive", type=int, metavar="PORT", help=argparse.SUPPRESS)
    parser.add_argument("--while", dest="beside", type=int, metavar="PID", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.prepare:
        print(prepare())
    elif told.bare:
        print(json.dumps(bare(told.clients)))
    elif told.drive:
        key = os.environ["BENCH_KEY"]
        found = drive(told.drive, seconds=told.seconds, clients=told.clients, key=key, beside=told.beside)
        print(json.dumps(found))
    else:
        print(json.dumps(measure(seconds=told.seconds, clients=told.clients, workers=told.workers, port=told.port)))


if __name__ == "__main__":
    main()
