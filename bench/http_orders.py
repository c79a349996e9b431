"""Single orders over HTTP: how many a second with points and tier committed, and how long each one waits.

`python -m bench.http_orders` serves an instance of its own and drives it from a second process with 8 clients. The
same clients first ask `/healthz`, which does nothing but one SELECT, so the ratio tells what an order costs above the
machine, the web server and the framework.
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
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
CUSTOMERS = 20_000
IMPORTED = 100_000
WANTED_RATE, WANTED_P95, WANTED_P95_BUSY = 250, 50, 250
PREPARE = """
from datetime import UTC, datetime
from regulars.config import boot
boot.everything(lambda said: None)
from regulars.loyalty.actions import launch
from regulars.loyalty.rules import preset_terms
from regulars.staff.actions import change_business, create_api_key
from regulars.staff.rules import SYSTEM
at = datetime.now(UTC)
change_business(by=SYSTEM, at=at, name="Bench", time_zone="Asia/Shanghai", currency="CNY")
launch(terms=preset_terms(2), live_from=datetime(2000, 1, 1, tzinfo=UTC), time_zone="Asia/Shanghai", actor="", at=at)
print(create_api_key(name="Bench", scopes=["facts.write"], by=SYSTEM, at=at).secret)
"""


def measure(*, seconds: float = 10, clients: int = 8, workers: int | None = None, port: int = 18_431) -> dict[str, Any]:
    """Serve, drive, stop; rates a second and latencies in milliseconds."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        Path(folder).chmod(0o755)
        environment = {**os.environ, "REGULARS_DATA_DIR": folder, "REGULARS_PORT": str(port), "REGULARS_LOG": "ERROR"}
        environment.pop("REGULARS_DATABASE_URL", None)
        regulars = str(Path(sys.executable).with_name("regulars"))
        prepared = subprocess.run(
            [sys.executable, "-c", PREPARE], env=environment, check=True, capture_output=True, text=True
        )
        more = ["--workers", str(workers)] if workers else []
        server = subprocess.Popen([regulars, "serve", *more], env=environment, stdout=subprocess.DEVNULL)
        try:
            _wait_until_up(port)
            drive = [sys.executable, "-m", "bench.http_orders", "--drive", str(port), "--seconds", str(seconds)]
            environment["BENCH_KEY"] = prepared.stdout.split()[-1]
            driven = subprocess.run(
                [*drive, "--clients", str(clients)], env=environment, check=True, capture_output=True, text=True
            )
            busy = _while_importing([*drive, "--clients", str(clients)], regulars, Path(folder), environment)
        finally:
            subprocess.run([regulars, "stop"], env=environment, check=False, capture_output=True)
            server.wait(60)
    told = {**json.loads(driven.stdout), "while_importing": busy}
    found: dict[str, Any] = {"cores": os.cpu_count(), "load_before": round(load, 2), **told}
    found["ratio"] = round(found["orders"]["rate"] / found["healthz"]["rate"], 3)
    found["met"] = found["orders"]["rate"] >= WANTED_RATE and found["orders"]["p95_ms"] <= WANTED_P95
    found["met_while_importing"] = busy["p95_ms"] <= WANTED_P95_BUSY
    return found


def _while_importing(drive: list[str], regulars: str, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """The same clients while the command line imports 100,000 orders of two lines, from its start to its end."""
    file = folder / "orders.csv"
    with file.open("w") as out:
        out.write("order_id,phone,ordered_at,line_id,sku,quantity,amount\n")
        for number in range(IMPORTED):
            at = datetime(2026, 1, 1) + timedelta(minutes=number)  # noqa: DTZ001 - a file's times have no zone
            for line in (1, 2):
                amount = random.randrange(500, 20_000) / 100
                out.write(f"I{number},138{number % 10_000:08d},{at},{line},P{number % 500},1,{amount}\n")
    command = [
        regulars,
        "import",
        "orders",
        str(file),
        "--source",
        "bench",
        "--timezone",
        "Asia/Shanghai",
        "--yes",
        "--json",
    ]
    begun = time.perf_counter()
    importing = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    driven = subprocess.run(
        [*drive, "--while", str(importing.pid)], env=environment, check=True, capture_output=True, text=True
    )
    told = json.loads((importing.communicate()[0] or "{}").strip().splitlines()[-1])
    if told.get("recorded") != IMPORTED:
        raise SystemExit(f"The import beside it came to {told}.")
    return {**json.loads(driven.stdout), "imported": IMPORTED, "import_seconds": round(time.perf_counter() - begun, 1)}


def drive(port: int, *, seconds: float, clients: int, key: str, beside: int | None = None) -> dict[str, Any]:
    """What the clients see: first the empty request, then orders; or only orders, as long as a process lives."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    if beside is not None:
        return _run(
            port, clients, 600, lambda number: ("POST", "/api/v1/track", _order(f"B-{number}"), headers), beside
        )
    empty = _run(port, clients, seconds / 3, lambda number: ("GET", "/healthz", None, {}))
    _run(port, clients, 1.5, lambda number: ("POST", "/api/v1/track", _order(f"W-{number}"), headers))
    orders = _run(port, clients, seconds, lambda number: ("POST", "/api/v1/track", _order(f"O-{number}"), headers))
    return {"clients": clients, "healthz": empty, "orders": orders}


def _order(number: str) -> bytes:
    user = random.randrange(CUSTOMERS)
    total = random.randrange(1_000, 30_000)
    first = total // 3
    return json.dumps(
        {
            "event": "Order Completed",
            "messageId": f"m-{number}",
            "userId": f"u{user}",
            "timestamp": datetime.now(UTC).isoformat(),
            "context": {"traits": {"phone": f"139{user:08d}"}},
            "properties": {
                "order_id": number,
                "total": total / 100,
                "currency": "CNY",
                "store": f"S{user % 20}",
                "products": [
                    {"sku": f"P{user % 500}", "quantity": 1, "total": first / 100},
                    {"sku": f"Q{total % 500}", "quantity": 2, "total": (total - first) / 100},
                ],
            },
        }
    ).encode()


Request = tuple[str, str, bytes | None, dict[str, str]]


def _lives(pid: int | None) -> bool:
    """Whether a process is there and not merely waiting to be reaped."""
    if pid is None:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _run(
    port: int, clients: int, seconds: float, request: Callable[[int], Request], beside: int | None = None
) -> dict[str, Any]:
    taken: list[list[float]] = [[] for _ in range(clients)]
    failed: list[str] = []
    until = time.perf_counter() + seconds

    def client(place: int) -> None:
        connection = http.client.HTTPConnection(HOST, port, timeout=30)
        number = place
        while (begun := time.perf_counter()) < until and _lives(beside):
            method, path, body, headers = request(number)
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = response.read()
            if response.status != 200:
                failed.append(f"{response.status} {answer[:200]!r}")
            taken[place].append(time.perf_counter() - begun)
            number += clients

    begun = time.perf_counter()
    threads = [threading.Thread(target=client, args=(place,)) for place in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lasted = time.perf_counter() - begun
    times = sorted(moment * 1000 for one in taken for moment in one)
    if failed:
        raise SystemExit(f"{len(failed)} of {len(times)} requests failed, such as {failed[0]}")
    return {
        "requests": len(times),
        "rate": round(len(times) / lasted, 1),
        **{f"p{part}_ms": round(times[min(len(times) - 1, len(times) * part // 100)], 2) for part in (50, 95, 99)},
    }


def _wait_until_up(port: int, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            connection = http.client.HTTPConnection(HOST, port, timeout=2)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        if time.monotonic() > until:
            raise SystemExit("The server did not come up.")
        time.sleep(0.1)


def table(found: dict[str, Any]) -> str:
    """The figures for people."""
    lines = [f"{'':16}{'a second':>10}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}"]
    for name in ("healthz", "orders", "while_importing"):
        one = found[name]
        lines.append(f"{name:16}{one['rate']:>10.0f}{one['p50_ms']:>10.1f}{one['p95_ms']:>10.1f}{one['p99_ms']:>10.1f}")
    verdict = "met" if found["met"] else "missed"
    lines.append(f"wanted: {WANTED_RATE} orders a second, p95 within {WANTED_P95} ms: {verdict}")
    lines.append(f"{found['cores']} cores, load before: {found['load_before']}")
    return "\n".join(lines)


def main() -> None:
    """Measure, or be the clients."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--while", dest="beside", type=int, metavar="PID", help=argparse.SUPPRESS)
    parser.add_argument("--drive", type=int, metavar="PORT", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.drive:
        key = os.environ["BENCH_KEY"]
        print(json.dumps(drive(told.drive, seconds=told.seconds, clients=told.clients, key=key, beside=told.beside)))
        return
    found = measure(seconds=told.seconds, clients=told.clients, workers=told.workers)
    print(table(found), file=sys.stderr)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
