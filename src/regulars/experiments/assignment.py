"""Who is held out: sha256 over the experiment's salt and the customer, so that anyone can check it later.

The hash puts a customer on a place from 0 to 9,999; those below the share (in hundredths of a percent) are held out.
The place never changes, so a larger share holds out everybody whom a smaller one did and some more, and nobody
changes sides twice. Two salts put the same customer on places that have nothing to do with each other.
"""

from collections.abc import Sequence
from decimal import Decimal
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from regulars.experiments.rules import WHOLE_BASIS, Arm, basis_points


def arm_of(who: str, *, salt: str, share_percent: Decimal) -> Arm:
    """The arm of one customer.

    Args:
        who: The customer's stable name: the sha256 of the first external name that they came with.
        salt: The experiment's own.
        share_percent: Of customers to hold out, at most two decimals.
    Raises:
        InvalidShare: The share is out of range.
    """
    points = basis_points(share_percent)
    return Arm.HELD_OUT if places_of([who], salt=salt)[0] < points else Arm.TREATED


def arms_of(whos: Sequence[str], *, salt: str, share_percent: Decimal) -> npt.NDArray[np.bool_]:
    """True for everybody who is held out, in the order given; see `arm_of`."""
    return places_of(whos, salt=salt) < basis_points(share_percent)


def standing_arms(
    whos: Sequence[str], *, salt: str, shares_percent: Sequence[Decimal]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Who was held out under every share that a standing group has had, and who under some of them only.

    The latter were left alone for a part of the time, so that they belong to neither arm and are not measured.
    """
    places, points = places_of(whos, salt=salt), [basis_points(share) for share in shares_percent]
    throughout = places < min(points)
    return throughout, (places < max(points)) & ~throughout


def places_of(whos: Sequence[str], *, salt: str) -> npt.NDArray[np.int64]:
    """Where the hash puts each of them: 0 to 9,999."""
    begun = _begun(salt)
    hashes = b"".join([sha256(begun + who.encode()).digest()[:8] for who in whos])
    return (np.frombuffer(hashes, dtype=">u8") % WHOLE_BASIS).astype(np.int64)


def _begun(salt: str) -> bytes:
    # The length goes in front, so that no salt and name run into another salt and name.
    told = salt.encode()
    return b"%d:%b" % (len(told), told)
