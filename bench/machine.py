"""The suite's walk through everything that can happen to the books, 200,000 steps long, with every law checked.

BENCH_STEPS says how many steps, BENCH_SEED which walk.
"""

import json
import os
import subprocess
import sys
import time

STEPS = int(os.environ.get("BENCH_STEPS", "200000"))
SEED = int(os.environ.get("BENCH_SEED", "1"))
WALK = "tests/flows/test_state_machine.py"


def main() -> None:
    """Walk in a test run of its own; what it says goes to standard error when it fails."""
    environment = {**os.environ, "REGULARS_STEPS": str(STEPS), "REGULARS_STEPS_SEED": str(SEED)}
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", WALK],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - begun
    passed = done.returncode == 0
    if not passed:
        print(done.stdout, file=sys.stderr)
    found = {"steps": STEPS, "seed": SEED, "seconds": round(seconds, 1), "passed": passed}
    print(json.dumps({"bench": "machine", **found}))


if __name__ == "__main__":
    main()
