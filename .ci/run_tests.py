"""Run pytest; what fails beside other tests is run once more by itself, and told apart.

Four thousand tests on two busy cores meet each other now and then. One that passes alone has still found something, in
itself or in the product: it is named at the end. More than three failures are no coincidence and are not tried again.
"""

import json
import subprocess
import sys
from pathlib import Path

MOST = 3
FAILED = 1  # pytest's exit code for "tests were run, and some failed"
LAST = Path(".pytest_cache/v/cache/lastfailed")


def main(arguments: list[str]) -> int:
    """The exit code of the whole run."""
    LAST.unlink(missing_ok=True)
    code = subprocess.run([sys.executable, "-m", "pytest", *arguments]).returncode
    if code != FAILED or not LAST.exists():
        return code
    failed = list(json.loads(LAST.read_text()))
    if not 0 < len(failed) <= MOST:
        return code
    print(f"\nOnce more, alone: {', '.join(failed)}", flush=True)
    again = subprocess.run([sys.executable, "-m", "pytest", "-n", "0", *failed]).returncode
    if again == 0:
        print("FAILED BESIDE OTHERS, PASSED ALONE; find out why: " + ", ".join(failed), flush=True)
    return again


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
