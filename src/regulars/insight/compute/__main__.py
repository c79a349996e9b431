"""`python -m regulars.insight.compute LAKE DAY ENGINE HISTORY`: make a set of a lake, see `apart`."""

import sys

from regulars.insight.compute.apart import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
