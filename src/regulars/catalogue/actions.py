"""Writing stores and products."""

from collections.abc import Iterable

from django.db import connection

from regulars.catalogue.models import Product, Store
from regulars.core import bulk


def ensure_stores(codes: Iterable[str]) -> dict[str, int]:
    """Ids of these stores by code; unknown ones are made."""
    wanted = sorted(set(codes))
    if not wanted:
        return {}
    find = "SELECT code, id FROM catalogue_store WHERE code = ANY(%b::text[])"
    found = {row[0]: row[1] for row in bulk.run(connection, find, [bulk.Column("text", wanted)])}
    missing = [code for code in wanted if code not in found]
    if missing:
        Store.objects.bulk_create([Store(code=code) for code in missing], ignore_conflicts=True)
        found.update(Store.objects.filter(code__in=missing).values_list("code", "id"))
    return found


def describe_products(rows: Iterable[tuple[str, str, str, str]]) -> int:
    """Write (sku, name, category, brand) for products, new or known; returns how many rows."""
    columns = list(zip(*sorted({row[0]: row for row in rows}.values()), strict=True))
    if not columns:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {Product._meta.db_table} AS p (sku, name, category, brand)
                SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])
                ON CONFLICT (sku) DO UPDATE
                SET name = excluded.name, category = excluded.category, brand = excluded.brand""",
            [list(column) for column in columns],
        )
    return len(columns[0])
