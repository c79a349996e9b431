"""Which rows belong to one order, and whether the paid column speaks for the order or for its rows."""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

from regulars.facts.connectors.orders_file.rows import Rows


class Grouping:
    """The rows of each order number, in the order in which the numbers first appear. Kept flat, for millions."""

    def __init__(self, keys: Sequence[str]) -> None:
        seen: dict[str, int] = {}
        index = array("l", (seen.setdefault(key, len(seen)) for key in keys))
        self.has_lines = len(seen) < len(index)
        self._members = array("l", range(len(index)))
        self._starts = array("l", range(len(index) + 1))
        if self.has_lines:
            self._members = array("l", sorted(range(len(index)), key=index.__getitem__))
            counts = Counter(index)
            self._starts = array("l", accumulate((counts[place] for place in range(len(seen))), initial=0))

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, place: int) -> list[int]:
        return self._members[self._starts[place] : self._starts[place + 1]].tolist()

    def __iter__(self) -> Iterator[list[int]]:
        return (self[place] for place in range(len(self)))


def decide_paid_per(rows: Rows, grouping: Grouping) -> str:
    """'order' if the paid column repeats the order's total, 'line' if each row has its own part; '' without a doubt.

    Orders vote. Rows that differ speak for lines, one filled row for the order. When all are equal, whichever is
    nearer decides: the sum of the line amounts, or one of them.
    """
    votes = {"order": 0, "line": 0}
    if not grouping.has_lines:
        return ""
    for group in grouping:
        if len(group) < 2:
            continue
        told = [paid for i in group if (paid := rows.paid[i]) is not None and paid > 0]
        if len(told) < 2:
            votes["order"] += len(told)
        elif len(set(told)) > 1:
            votes["line"] += 1
        else:
            own = [amount for i in group if (amount := rows.amount[i]) is not None and amount > 0]
            near_line = bool(own) and abs(told[0] - sum(own) // len(own)) < abs(told[0] - sum(own))
            votes["line" if near_line else "order"] += 1
    if not any(votes.values()):
        return ""
    return "line" if votes["line"] > votes["order"] else "order"
