"""Steps of checkouts by their commands, as other systems are told of them: by the numbers that tills got."""

from collections.abc import Collection
from typing import Final

from django.db import connection

from regulars.core import bulk
from regulars.loyalty.rules import ItemKind

NAMES: Final = {
    ItemKind.HOLD: "hold_id",
    ItemKind.CAPTURE: "capture_id",
    ItemKind.REDEEM: "capture_id",
    ItemKind.RELEASE: "release_id",
    ItemKind.REVERSE: "refund_id",
}
"""What a step is called by its number."""


def steps_of(command_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """command id → the step's number under its name: {'hold_id': 7}; what no till asked for is left out."""
    rows = bulk.run(
        connection,
        "SELECT command_id, id, kind FROM loyalty_checkoutstep WHERE command_id = ANY(%b::bigint[])",
        [bulk.Column("bigint", sorted(command_ids))],
    )
    return {row[0]: {NAMES[ItemKind(row[2])]: row[1]} for row in rows}
