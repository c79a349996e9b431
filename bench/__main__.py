"""`make bench`: each bench in a process of its own, one after the other; a table at the end.

`python -m bench orders journey` runs some of them. BENCH_ORDERS=3000000 for the long run; `machine` takes the longest.
"""

import json
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

BENCHES = (
    "orders", "journey", "http_orders", "checkout", "kills", "malformed", "machine", "clv", "segments", "insight",
    "coupons", "rewards", "races", "messages", "campaign", "uplift", "simulate", "retier", "expire",
    "risk", "pages",
)  # fmt: skip


def main() -> None:
    """Run, keep the JSON in bench/out, show a table."""
    wanted = sys.argv[1:] or list(BENCHES)
    out = Path(__file__).parent / "out"
    out.mkdir(exist_ok=True)
    table = Table("bench", "figure", "value")
    for name in wanted:
        done = subprocess.run([sys.executable, "-m", f"bench.{name}"], stdout=subprocess.PIPE, text=True, check=True)
        found = json.loads(done.stdout.strip().splitlines()[-1])
        (out / f"{name}.json").write_text(json.dumps(found, indent=1))
        for figure, value in found.items():
            if figure not in ("bench", "log"):
                table.add_row(name, figure.replace("_", " "), f"{value:,}" if isinstance(value, int) else str(value))
    Console().print(table)


if __name__ == "__main__":
    main()
