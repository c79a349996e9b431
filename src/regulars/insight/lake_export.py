"""Filling the lake: what the rooms hold goes over ADBC into Parquet, in one snapshot of the database.

Orders and their lines follow the feed of facts from where the last export stopped; everything else is read whole. What
was read and how far the feed was followed become true together, with the manifest.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
from django.db import connection

from regulars.catalogue import queries as catalogue
from regulars.customers import queries as customers
from regulars.facts import queries as facts
from regulars.insight.compute.lake import GROWING, Lake, Manifest
from regulars.insight.segments.queries import LAKE_MEMBERSHIPS
from regulars.ledger import queries as ledger

Progress = Callable[[str], None]
"""Told the name of each table when its turn comes."""

SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
DATABASE = """SELECT (SELECT system_identifier FROM pg_control_system())::text || '/' || oid AS name
              FROM pg_database WHERE datname = current_database()"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did. `added` are new orders, `taken_out` is whether retracted ones were taken out."""

    rebuilt: bool
    added: int
    taken_out: bool
    rows: dict[str, int]


def export(
    lake: Lake, *, time_zone: str, siblings: Mapping[str, str], progress: Progress = lambda table: None
) -> Exported:
    """Bring the lake up to what is committed now. One at a time: the caller holds the lock of refreshes.

    After a restore (another epoch), for another database, or when files are missing, everything is exported anew.

    Args:
        time_zone: Of the business; points are summed by its days.
        siblings: Statements of tables that only the caller may ask other rooms for ('tiers').
    """
    lake.sweep()
    with closing(adbc.connect(_address(), autocommit=True)) as link, closing(link.cursor()) as cursor:
        cursor.execute(SNAPSHOT)
        bounds = _row(cursor, facts.LAKE_BOUNDS)
        database = _row(cursor, DATABASE)["name"]
        last = lake.manifest()
        known = last if last and (last.database, last.epoch) == (database, bounds["epoch"]) else None
        start = known or Manifest(database, bounds["epoch"], before=0, retracted=0, serial=0)
        serial = last.serial + 1 if last else 1
        stem = f"{serial:06}"
        if known is not None and bounds["retracted"] != known.retracted:
            progress("retracted")
            gone = _fetch(cursor, facts.LAKE_RETRACTED)["id"].combine_chunks()
            start = lake.without(start, gone, stem)
        window = {
            "epoch": bounds["epoch"],
            "after": known.before if known else None,
            "before": max(bounds["before"], start.before),
        }
        statements = {
            "orders": facts.lake_orders(**window),
            "lines": facts.lake_lines(**window),
            "returns": facts.LAKE_RETURNS,
            "contracts": facts.LAKE_CONTRACTS,
            "products": catalogue.LAKE_PRODUCTS,
            "identities": customers.LAKE_IDENTITIES,
            "customers": customers.LAKE_CUSTOMERS,
            "points": ledger.lake_points(time_zone),
            "memberships": LAKE_MEMBERSHIPS,
            **siblings,
        }
        tables = dict(start.tables)
        added = 0
        for name, statement in statements.items():
            progress(name)
            cursor.execute(statement)
            parts = lake.write(name, cursor.fetch_record_batch(), stem)
            added += sum(part.rows for part in parts) if name == "orders" else 0
            tables[name] = lake.grown(tables[name], parts) if name in GROWING and name in tables else parts
        cursor.execute("COMMIT")
    manifest = replace(start, before=window["before"], retracted=bounds["retracted"], serial=serial, tables=tables)
    manifest = lake.compacted(manifest, stem)
    lake.commit(manifest)
    return Exported(known is None, added, known is not None and bounds["retracted"] != known.retracted, manifest.rows())


def _fetch(cursor: Any, statement: str) -> pa.Table:
    cursor.execute(statement)
    return cursor.fetch_arrow_table()


def _row(cursor: Any, statement: str) -> dict[str, Any]:
    found: dict[str, Any] = _fetch(cursor, statement).to_pylist()[0]
    return found


def _address() -> str:
    """The database that Django uses, as libpq takes it. Not Django's own connection: a snapshot of its own."""
    told = connection.get_connection_params()
    who = quote(told.get("user") or "", safe="")
    if told.get("password"):
        who += f":{quote(told['password'], safe='')}"
    asked = {"host": told.get("host") or "", "port": str(told.get("port") or "")}
    ssl = {name: value for name, value in told.items() if name.startswith("ssl")}
    more = urlencode({name: value for name, value in {**asked, **ssl}.items() if value}, quote_via=quote)
    return f"postgresql://{who + '@' if who else ''}/{quote(told['dbname'], safe='')}?{more}"
