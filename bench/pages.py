"""Every page of the console on 50,000 customers with 500,000 orders: how long the server takes over each.

An owner signs in and opens every address that the pages lead to, a few of each kind: first in a new process, then again
and again, then each right after an order came in, so that nothing counted before will do. Times are the client's on
loopback. Beside them stands what an opening costs the processors, web server and database together: on a busy machine
only that says what a page takes.

BENCH_PAGES_DIR names a folder where the filled instance is kept for the next run; BENCH_PAGES_ONLY (part of an address)
measures some.
"""

import html
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from typing import NamedTuple

from bench.instance import EMAIL, PASSWORD, instance
from bench.shop import CUSTOMERS, ORDERS, fill

HOST, PORT = "127.0.0.1", int(os.environ.get("BENCH_PORT", "18432"))
OPENED = int(os.environ.get("BENCH_OPENED", "24"))
ONLY = os.environ.get("BENCH_PAGES_ONLY", "")
WANTED_P95_MS, OF_A_KIND, FRESH_ROUNDS, SHOWN = 150, 3, 3, 12
LINK = re.compile(r'(?:href|hx-get)="([/?][^"#]*)')
ALSO = (
    "/customers/?q=%E7%8E%8B", "/customers/?q=0042", "/customers/?page=900&sort=spent", "/palette/?q=%E7%8E%8B",
    "/bring-back/2/",
)  # fmt: skip
TICKS = os.sysconf("SC_CLK_TCK")


class Taken(NamedTuple):
    """What an address takes, in milliseconds; `cores` a time on average, web server and database together."""

    cold: float
    p50: float
    p95: float
    cores: float
    fresh: float
    fresh_cores: float


def main() -> None:
    """Measure, and print one line of JSON."""
    kept = os.environ.get("BENCH_PAGES_DIR")
    with instance(Path(kept) if kept else None) as data:
        if not (filled := data / "filled").exists():
            fill(data)
            filled.touch()
        print(json.dumps(measure()))


def measure() -> dict[str, object]:
    """Serve, find the pages, open them."""
    load = os.getloadavg()[0]
    with served() as visitor:
        pages = [page for page in visitor.find() if ONLY in page]
    with served() as visitor:
        cold = {page: visitor.open(page) for page in pages}
        found = {page: _taken(visitor, page, cold[page]) for page in pages}
    slowest = sorted(found, key=lambda page: -found[page].p95)[:SHOWN]
    costly = sorted(found, key=lambda page: -found[page].fresh_cores)[:SHOWN]
    return {
        "bench": "pages", "customers": CUSTOMERS, "orders": ORDERS, "pages": len(pages), "load_before": round(load, 2),
        "p95_ms_of_the_slowest_page": max(one.p95 for one in found.values()),
        "core_ms_of_the_costliest_page": max(one.cores for one in found.values()),
        "core_ms_after_an_order": max(one.fresh_cores for one in found.values()),
        "over_150_ms": {page: found[page].p95 for page in slowest if found[page].p95 > WANTED_P95_MS},
        "over_150_ms_after_an_order": sum(one.fresh > WANTED_P95_MS for one in found.values()),
        "slowest": {page[:60]: found[page].p95 for page in slowest},
        "costliest_after_an_order": {page[:60]: found[page].fresh_cores for page in costly},
        "met": all(one.p95 <= WANTED_P95_MS for one in found.values()),
        "met_after_an_order": all(one.fresh <= WANTED_P95_MS for one in found.values()),
        "log": {page: one._asdict() for page, one in found.items()},
    }  # fmt: skip


def _taken(visitor: "Visitor", page: str, cold: float) -> Taken:
    """Open one address again and again, then each time after an order."""
    visitor.open(page)
    before = visitor.cores()
    times = sorted(visitor.open(page) for _ in range(OPENED))
    cores = (visitor.cores() - before) / OPENED
    fresh, fresh_cores = [], []
    for _ in range(FRESH_ROUNDS):
        one_order()
        before = visitor.cores()
        fresh.append(visitor.open(page))
        fresh_cores.append(visitor.cores() - before)
    p95 = times[min(len(times) - 1, len(times) * 95 // 100)]
    told = Taken(
        cold, statistics.median(times), p95, cores, statistics.median(fresh), statistics.median(fresh_cores)
    )  # fmt: skip
    print(f"{told.p50:7.0f} {told.p95:7.0f} {told.cores:7.0f} | {told.fresh:7.0f} {page[:100]}", file=sys.stderr)
    return Taken(*(round(one, 1) for one in told))


def one_order() -> None:
    """Somebody buys something."""
    from regulars.facts.kinds import order_completed
    from regulars.facts.rules import Identity, IdentityKind, NewFact
    from regulars.flows.record_facts import record_facts
    from regulars.flows.settings import programme

    (policies, in_zone), now = programme(), datetime.now(UTC)
    who = Identity(int(IdentityKind.PHONE), "", f"+86138{time.time_ns() % CUSTOMERS:08d}")
    body = order_completed.make_body(currency="CNY", paid=5_000, lines=[("1", "SKU-1", 1, 5_000)])
    fact = NewFact("till", order_completed.CODE, f"N{time.time_ns()}", now, body, (who,), amount=5_000, store="S1")
    record_facts(facts=[fact], policies=policies, zone=in_zone, at=now)


class Visitor:
    """The owner, signed in over one connection to one server process."""

    def __init__(self, server: int, database: int) -> None:
        self.server, self.database = server, database
        self.connection = http.client.HTTPConnection(HOST, PORT, timeout=60)
        jar = CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        address = f"http://{HOST}:{PORT}/accounts/login/"
        opener.open(address).read()
        [token] = [cookie.value for cookie in jar if cookie.name == "regulars_csrf"]
        told = {"login": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token or ""}
        opener.open(urllib.request.Request(address, urllib.parse.urlencode(told).encode())).read()
        self.headers = {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)}
        self.said = self.led_to = ""

    def open(self, page: str) -> float:
        """Milliseconds until the whole answer is here; what it said is kept in `said`, if it is a page."""
        begun = time.perf_counter()
        self.connection.request("GET", page, headers=self.headers)
        answer = self.connection.getresponse()
        told = answer.read()
        taken = 1000 * (time.perf_counter() - begun)
        if answer.status >= 500 or answer.status in (401, 403):
            raise SystemExit(f"{page} answered {answer.status}.")
        is_page = answer.status == 200 and "html" in (answer.getheader("Content-Type") or "")
        self.said = told.decode() if is_page and not answer.getheader("Content-Disposition") else ""
        self.led_to = answer.getheader("Location") or ""
        return taken

    def find(self) -> list[str]:
        """Every address that a person comes to from the overview on, a few of each kind: same view, same questions."""
        from django.urls import Resolver404, get_resolver, resolve

        kinds: Counter[tuple[object, ...]] = Counter()
        plain = [f"/{name}" for name in _plain(get_resolver("regulars.console.urls").url_patterns)]
        waiting, seen, pages = ["/", *plain, *ALSO], set[str](), list[str]()
        while waiting:
            page = waiting.pop(0)
            address = urllib.parse.urlsplit(page)
            try:
                match = resolve(address.path)
            except Resolver404:
                continue
            kind = (match.url_name, *sorted(urllib.parse.parse_qs(address.query)))
            ours = match.func.__module__.startswith("regulars.console")
            if page in seen or not ours or (kinds[kind] >= OF_A_KIND and page not in ALSO):
                continue
            seen.add(page)
            self.open(page)
            if self.led_to:
                waiting.append(urllib.parse.urljoin(page, self.led_to))
            if self.said:
                kinds[kind] += 1
                pages.append(page)
                waiting += [urllib.parse.urljoin(page, html.unescape(found)) for found in LINK.findall(self.said)]
        return pages

    def cores(self) -> float:
        """Milliseconds of processors that the web server and the database have taken so far."""
        return _milliseconds(self.server) + _milliseconds(self.database)


def _plain(patterns: object) -> Iterator[str]:
    """Addresses without parameters."""
    for one in patterns:  # type: ignore[attr-defined]
        if hasattr(one, "url_patterns"):
            yield from _plain(one.url_patterns)
        elif "<" not in str(one.pattern):
            yield str(one.pattern)


def _milliseconds(root: int) -> float:
    """Of a process, those that came from it, and those of them that have ended."""
    parents, spent = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it has just ended
        number = int(stat.parent.name)
        parents[number] = int(told[1])
        spent[number] = sum(int(one) for one in told[11:15])
    total, waiting = 0, [root]
    while waiting:
        one = waiting.pop()
        total += spent.get(one, 0)
        waiting += [child for child, parent in parents.items() if parent == one]
    return 1000 * total / TICKS


def _backend() -> int:
    """The process of the database server that this process talks to."""
    from django.db import connection

    from regulars.core import bulk

    return int(bulk.run(connection, "SELECT pg_backend_pid()")[0][0])


def _parent_of(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[1])


@contextmanager
def served() -> Iterator[Visitor]:
    """A new server process without jobs, and a visitor who is signed in."""
    regulars = str(Path(sys.executable).with_name("regulars"))
    environment = {**os.environ, "REGULARS_LOG": "ERROR"}
    command = [regulars, "serve", "--port", str(PORT), "--workers", "1", "--no-jobs"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_until_up()
        yield Visitor(server.pid, _parent_of(_backend()))
    finally:
        server.terminate()
        server.wait(60)


def _wait_until_up(seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(f"http://{HOST}:{PORT}/healthz", timeout=2).read()
            return
        except OSError:
            if time.monotonic() > until:
                raise SystemExit("The server did not come up.") from None
        time.sleep(0.1)


if __name__ == "__main__":
    main()
