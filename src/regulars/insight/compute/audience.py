"""Everybody whom a choice means, with the stable name that decides who is held out: for campaigns."""

from collections.abc import Sequence

import pyarrow as pa

from regulars.insight.compute.listing import Chosen
from regulars.insight.compute.listing import _choosing as choosing
from regulars.insight.compute.pictures import Picture

COLUMNS = ("who",)
SCHEMA = pa.schema([("customer_id", pa.int64()), ("who", pa.string())])


def audience(picture: Picture, chosen: Chosen) -> pa.Table:
    """customer_id and who of everybody chosen, by id; about 80 bytes each. `who` is null where there is no name."""
    with choosing(picture, chosen, COLUMNS) as (look, rows, there):
        columns: Sequence[str] = [name for name in COLUMNS if name in there]
        found = look.ask(rows.select("customer_id", *columns).order_by("customer_id"))
    if "who" not in found.column_names:
        found = found.append_column("who", pa.nulls(found.num_rows, pa.string()))
    return found.cast(SCHEMA)
