"""Handing a reward over: the member shows a code, and the item is theirs, once."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection, transaction

from regulars.core import bulk
from regulars.customers import actions as customers
from regulars.facts.rules import KeyReused
from regulars.loyalty.coupons.actions import guessing
from regulars.loyalty.coupons.rules import Guesser
from regulars.loyalty.models import RewardClaim
from regulars.loyalty.rewards import codes, queries
from regulars.loyalty.rewards.rules import Claim, check_collect


def look_up(*, code: str, guesser: Guesser, at: datetime) -> int:
    """Id of the claim with this code. Not to be called inside a transaction: a wrong guess stays counted.

    Wrong codes count together with those of coupons, so that nobody has two tries for one.

    Raises:
        MalformedCode: Not a code; not looked up and not counted.
        UnknownCode: There is none; counted.
        TooManyGuesses: Five in five minutes were wrong; not looked up.
    """
    letters = codes.read(code)
    return guessing.find("SELECT id FROM loyalty_rewardclaim WHERE code = %s", letters, guesser=guesser, at=at)


def collect(
    *, claim_id: int, key: str, store: str, store_id: int | None, zone: ZoneInfo, actor: str, at: datetime
) -> Claim:
    """Hand an item over, once. To be called inside a transaction.

    Args:
        key: The caller's own key: the same key and claim gives the same answer.
        store: Code of the shop that hands it over, '' if nobody says.
    Raises:
        NoClaim: There is none.
        KeyReused: The key was used for another claim or another shop.
        ClaimRefused: In one of its kinds.
    """
    customers.lock_groups([queries.of_id(claim_id).claim.customer_id])
    kept = queries.of_id(claim_id)
    if (earlier := queries.collected_with(key)) is not None:
        if earlier != claim_id or kept.claim.collected_store != store:
            raise KeyReused("This key was used for another request; nothing was changed.")
        return kept.claim
    check_collect(kept.claim, at=at, zone=zone, store=store)
    try:
        with transaction.atomic():
            RewardClaim.objects.filter(pk=claim_id).update(
                collected_at=at, collected_by=actor, collected_key=key, collected_store_id=store_id
            )
    except IntegrityError as error:
        raise customers.Contended("The key was used for another claim at the same moment.") from error
    return queries.of_id(claim_id).claim


def put_back(*, claim_id: int) -> Claim:
    """Undo a handing over that did not happen: the claim waits again. To be called inside a transaction.

    Raises:
        NoClaim: There is none.
    """
    customers.lock_groups([queries.of_id(claim_id).claim.customer_id])
    bulk.run(
        connection,
        """UPDATE loyalty_rewardclaim
           SET collected_at = NULL, collected_by = '', collected_key = '', collected_store_id = NULL WHERE id = %s""",
        [claim_id],
    )
    return queries.of_id(claim_id).claim
