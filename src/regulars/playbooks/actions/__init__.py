"""Writing playbooks: beginning runs, and what people do with their tasks."""

from regulars.playbooks.actions.alerts import Raised, raise_many
from regulars.playbooks.actions.by_hand import add
from regulars.playbooks.actions.settings import change, install_presets
from regulars.playbooks.actions.tasks import (
    close_returned,
    drop,
    hand_over,
    postpone,
    reassign,
    record,
    undo,
)

__all__ = [
    "Raised",
    "add",
    "change",
    "close_returned",
    "drop",
    "hand_over",
    "install_presets",
    "postpone",
    "raise_many",
    "reassign",
    "record",
    "undo",
]
