"""Why a reward cannot be claimed, collected or cancelled: each a name of its own. Nothing was changed."""

from regulars.core.errors import DomainError


class InvalidReward(DomainError):
    """The terms contradict themselves; `field` in the context names what to correct."""

    code = "invalid_reward"


class RewardRefused(DomainError):
    """A reward that exists cannot be claimed this way."""

    code = "reward_refused"


class RewardPaused(RewardRefused):
    """Nobody can claim it for now."""

    code = "reward_paused"


class RewardNotYet(RewardRefused):
    """It can be claimed later; `day` is this member's first, so many `days_early` before everybody else's."""

    code = "reward_not_yet"


class RewardEnded(RewardRefused):
    """It can be claimed no longer; `day` was the last day."""

    code = "reward_ended"


class WrongStore(RewardRefused):
    """Other stores have it; `stores` are their codes."""

    code = "wrong_store"


class NotForThisTier(RewardRefused):
    """It is for members of the tiers with the codes `tiers`."""

    code = "not_for_this_tier"


class NotForThisSegment(RewardRefused):
    """It is for members of the segments with the ids `segments`."""

    code = "not_for_this_segment"


class RewardLimitReached(RewardRefused):
    """The member had it as often as one may: `most` times in a `period`."""

    code = "reward_limit_reached"


class SoldOut(RewardRefused):
    """None is left."""

    code = "sold_out"


class ClaimRefused(DomainError):
    """A claim cannot be collected or cancelled this way."""

    code = "claim_refused"


class ClaimEnded(ClaimRefused):
    """It was cancelled or lapsed (`why`) on `day`, and the points went back."""

    code = "claim_ended"


class ClaimLapsed(ClaimRefused):
    """It waited to be collected until `day`, and nobody came."""

    code = "claim_lapsed"


class AlreadyCollected(ClaimRefused):
    """It was handed over already; `day` and `store` (a code, '' if unknown) say when and where."""

    code = "already_collected"


class NothingToCollect(ClaimRefused):
    """A coupon is not handed over: the member has it."""

    code = "nothing_to_collect"


class ClaimCollected(ClaimRefused):
    """What was handed over (`day`) is not cancelled."""

    code = "claim_collected"


class ClaimCouponUsed(ClaimRefused):
    """The coupon that it gave was used, so the points do not go back."""

    code = "claim_coupon_used"


class NoReward(DomainError):
    """There is no such reward."""

    code = "no_reward"


class NoClaim(DomainError):
    """There is no such claim of a reward."""

    code = "no_claim"


class RewardChanged(DomainError):
    """Somebody saved other terms since those that this change was written upon."""

    code = "reward_changed"


class RewardCodeTaken(DomainError):
    """Another reward has this code."""

    code = "reward_code_taken"
