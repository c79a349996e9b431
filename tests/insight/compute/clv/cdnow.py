"""The CDNOW sample (Fader & Hardie): 2,357 customers who first bought in the first quarter of 1997, up to June 1998.

It comes with `lifetimes`, which is installed for development only.
"""

from datetime import date
from importlib.util import find_spec
from pathlib import Path

import ibis
import ibis.expr.types as ir

CALIBRATED, ENDS = date(1997, 10, 1), date(1998, 7, 1)  # exclusive
HELD_BACK = (ENDS - CALIBRATED).days  # weeks 40 to 78


def cdnow() -> ir.Table:
    """Its purchases, money in cents."""
    found = find_spec("lifetimes")
    assert found is not None
    assert found.origin is not None
    sample = Path(found.origin).parent / "datasets" / "CDNOW_sample.txt"
    rows = [line.split() for line in sample.read_text().splitlines()]
    return ibis.memtable(
        {
            "customer_id": [int(row[1]) for row in rows],
            "day": [date(int(row[2][:4]), int(row[2][4:6]), int(row[2][6:])) for row in rows],
            "net": [round(float(row[4]) * 100) for row in rows],
        }
    )
