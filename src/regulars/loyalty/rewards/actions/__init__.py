"""Verbs of rewards: making and changing them, claiming, handing over, cancelling."""

from regulars.loyalty.rewards.actions.claiming import claim
from regulars.loyalty.rewards.actions.collecting import collect, look_up, put_back
from regulars.loyalty.rewards.actions.ending import cancel, lapse
from regulars.loyalty.rewards.actions.offering import change, create, pause, resume

__all__ = ["cancel", "change", "claim", "collect", "create", "lapse", "look_up", "pause", "put_back", "resume"]
