"""Core, important, ordinary: by cumulative share, ties together."""

import ibis
import pytest

from regulars.insight.compute import contribution
from tests.insight.compute.features.shops import by_customer


def classes(*spent: int, **boundaries: int) -> list[str | None]:
    rows = [{"customer_id": n, "spent_365_minor": one} for n, one in enumerate(spent)]
    features = ibis.memtable(rows, schema={"customer_id": "int64", "spent_365_minor": "int64"})
    found = by_customer(contribution.classes(features, **boundaries))
    return [found[n]["contribution"] if n in found else None for n in range(len(spent))]


def test_by_hand() -> None:
    """Above them are 0, 40, 60, 80 and 90 of 100: half is reached at the third, four fifths at the fourth."""
    assert classes(40, 20, 20, 10, 10) == ["core", "core", "core", "ordinary", "ordinary"]
    assert classes(40, 21, 19, 11, 9) == ["core", "core", "important", "ordinary", "ordinary"]
    assert classes(9, 11, 19, 21, 40) == ["ordinary", "ordinary", "important", "core", "core"]


def test_boundaries_are_parameters() -> None:
    assert classes(40, 21, 19, 11, 9, core_percent=40, important_percent=95) == [
        "core", "important", "important", "important", "important",
    ]  # fmt: skip
    for wrong in [(0, 80), (80, 80), (50, 101)]:
        with pytest.raises(ValueError, match="core_percent"):
            classes(1, core_percent=wrong[0], important_percent=wrong[1])


def test_equal_values_share_a_class_and_nothing_spent_has_none() -> None:
    assert classes(5, 5, 5, 5, 0) == ["core"] * 4 + [None]
    assert classes(1000) == ["core"]
    assert classes(0) == [None]


def test_shares_add_up() -> None:
    rows = [{"customer_id": n, "spent_365_minor": one} for n, one in enumerate([25, 75, 300])]
    features = ibis.memtable(rows, schema={"customer_id": "int64", "spent_365_minor": "int64"})
    found = by_customer(contribution.classes(features))
    assert [found[n]["contribution_share"] for n in range(3)] == [0.0625, 0.1875, 0.75]


def test_words() -> None:
    assert list(contribution.CLASSES) == list(contribution.MEANINGS) == ["core", "important", "ordinary"]
    said = contribution.MEANINGS["core"].said("en", core_percent=50, important_percent=80)
    assert said == "The few who spent most: together the first 50% of a year's net spend."
