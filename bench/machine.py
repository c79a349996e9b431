"""The suite's walk through everything that can happen to the books, 200,000 steps long, held against a simple model.

BENCH_STEPS says how many steps, BENCH_SEED which walk. A walk that was stopped goes on where it was, in whole lives;
BENCH_PORTION says how many steps a run of the tests takes at most. How far it is goes to standard error.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

STEPS = int(os.environ.get("BENCH_STEPS", "200000"))
SEED = int(os.environ.get("BENCH_SEED", "1"))
PORTION = int(os.environ.get("BENCH_PORTION", "12000"))
WALK = "tests/flows/test_state_machine.py"
OUT = Path(__file__).parent / "out"


def main() -> None:
    """Walk in test runs of their own; what they say goes to standard error when one fails."""
    OUT.mkdir(exist_ok=True)
    kept, spent = OUT / f"machine-{SEED}.steps", OUT / f"machine-{SEED}.seconds"
    passed, begun = True, time.perf_counter()
    before = _number(spent)
    while passed and (done := int(_number(kept))) < STEPS:
        passed = _portion(min(STEPS, done + PORTION), kept)
        spent.write_text(str(before + time.perf_counter() - begun))
        print(f"{int(_number(kept)):,} of {STEPS:,} steps, {_number(spent):,.0f} s", file=sys.stderr)
    found = {"steps": int(_number(kept)), "seed": SEED, "seconds": round(_number(spent), 1), "passed": passed}
    if passed:
        kept.unlink(missing_ok=True)
        spent.unlink(missing_ok=True)
    print(json.dumps({"bench": "machine", **found}))


def _portion(until: int, kept: Path) -> bool:
    environment = {
        **os.environ, "REGULARS_STEPS": str(until), "REGULARS_STEPS_SEED": str(SEED), "REGULARS_STEPS_KEPT": str(kept)
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "0", WALK],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        print(done.stdout, file=sys.stderr)
    return done.returncode == 0


def _number(file: Path) -> float:
    return float(file.read_text() or 0) if file.exists() else 0.0


if __name__ == "__main__":
    main()
