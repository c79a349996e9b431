"""Writing endpoints and their deliveries."""

from regulars.webhooks.actions.attempts import Claimed, claim, due_endpoints, note
from regulars.webhooks.actions.endpoints import change, create, forget_old, remove, rotate, switch_off, switch_on
from regulars.webhooks.actions.following import follow
from regulars.webhooks.actions.replaying import ping, replay_one, replay_since

__all__ = [
    "Claimed", "change", "claim", "create", "due_endpoints", "follow", "forget_old", "note", "ping", "remove",
    "replay_one", "replay_since", "rotate", "switch_off", "switch_on",
]  # fmt: skip
