"""Who is held out: stable, evenly drawn, nested in the share, and one salt knows nothing of another."""

from decimal import Decimal
from hashlib import sha256
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from regulars.experiments.assignment import arm_of, arms_of, places_of, standing_arms
from regulars.experiments.rules import Arm, InvalidShare, basis_points

SHARES = st.integers(0, 5_000).map(lambda points: Decimal(points) / 100)
SALTS, NAMES = st.text(max_size=20), st.text(max_size=40)
CROWD = [sha256(str(number).encode()).hexdigest() for number in range(40_000)]


def test_the_arm_never_changes() -> None:
    """A fixed example: whoever changes the hash moves customers from one arm to the other in running campaigns."""
    place = int.from_bytes(sha256(b"4:seedana").digest()[:8], "big") % 10_000
    assert places_of(["ana"], salt="seed").tolist() == [place] == [1412]
    assert arm_of("ana", salt="seed", share_percent=Decimal("14.12")) is Arm.TREATED
    assert arm_of("ana", salt="seed", share_percent=Decimal("14.13")) is Arm.HELD_OUT


@given(NAMES, SALTS, SHARES, SHARES)
def test_a_larger_share_only_adds_to_the_hold_out(who: str, salt: str, one: Decimal, other: Decimal) -> None:
    small, large = sorted([one, other])
    if arm_of(who, salt=salt, share_percent=small) is Arm.HELD_OUT:
        assert arm_of(who, salt=salt, share_percent=large) is Arm.HELD_OUT


@given(st.lists(NAMES, max_size=5), SALTS, SHARES)
def test_many_at_once_are_the_same_as_one_by_one(whos: list[str], salt: str, share: Decimal) -> None:
    together = arms_of(whos, salt=salt, share_percent=share)
    assert together.tolist() == [arm_of(who, salt=salt, share_percent=share) is Arm.HELD_OUT for who in whos]


@pytest.mark.parametrize("salt", ["a", "b", "spring", "8f0c"])
def test_places_are_even(salt: str) -> None:
    counts = np.bincount(places_of(CROWD, salt=salt) // 100, minlength=100)
    assert stats.chisquare(counts).pvalue > 1e-4


def test_salts_are_independent() -> None:
    arms = [arms_of(CROWD, salt=salt, share_percent=Decimal(30)) for salt in ("spring", "autumn")]
    table = [[int((arms[0] == a).__and__(arms[1] == b).sum()) for a in (True, False)] for b in (True, False)]
    assert stats.chi2_contingency(table).pvalue > 1e-4


def test_salt_and_name_do_not_run_into_each_other() -> None:
    assert places_of(["bc"], salt="a").tolist() != places_of(["c"], salt="ab").tolist()


@pytest.mark.parametrize("share", ["-0.01", "50.01", "10.001", "NaN"])
def test_shares_that_are_none(share: str) -> None:
    with pytest.raises(InvalidShare):
        basis_points(Decimal(share))


def test_who_was_left_alone_for_a_part_of_the_time_is_in_neither_arm() -> None:
    shares = [Decimal(5), Decimal(10), Decimal(8)]
    throughout, partly = standing_arms(CROWD, salt="s", shares_percent=shares)
    assert throughout.tolist() == arms_of(CROWD, salt="s", share_percent=Decimal(5)).tolist()
    assert (throughout | partly).tolist() == arms_of(CROWD, salt="s", share_percent=Decimal(10)).tolist()
    assert not (throughout & partly).any()


def test_a_million_takes_seconds() -> None:
    begun = perf_counter()
    arms_of(CROWD * 3, salt="s", share_percent=Decimal(10))
    assert perf_counter() - begun < 1.5, "120,000 customers"
