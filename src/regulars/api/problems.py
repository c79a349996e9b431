"""Problem details (RFC 9457): what every refusal of the API looks like, and which status each code has."""

import logging
from collections.abc import Mapping
from typing import Any, Final

import orjson
from django.http import HttpResponse

from regulars.core.errors import DomainError

log = logging.getLogger(__name__)

CONTENT_TYPE: Final = "application/problem+json"
Codes = Mapping[str, tuple[int, str]]
"""Code → status and title."""

COMMON_CODES: Final[Codes] = {
    "malformed_json": (400, "The body is not JSON"),
    "bad_api_key": (401, "No valid API key"),
    "scope_missing": (403, "The API key may not do this"),
    "not_found": (404, "There is nothing here"),
    "method_not_allowed": (405, "Not with this method"),
    "key_reused": (409, "The key was used for something else"),
    "length_required": (411, "The length is missing"),
    "too_large": (413, "Too large"),
    "unsupported_media_type": (415, "Not JSON"),
    "malformed_fact": (422, "A field is missing or wrong"),
    "bad_timestamp": (422, "The time is missing or wrong"),
    "nobody": (422, "Nobody is named"),
    "unsupported_type": (422, "This type is not taken"),
    "too_many_requests": (429, "Too many requests"),
    "internal_error": (500, "Something went wrong here"),
    "contended": (503, "Busy, try again"),
    "invalid_policy": (503, "The programme is not set up"),
    "database_unavailable": (503, "The database does not answer"),
}
COUPON_CODES: Final[Codes] = {
    "unknown_code": (404, "There is no such code"),
    "no_coupon_use": (404, "There is no such use"),
    "malformed_code": (422, "This is no code"),
    "coupon_voided": (422, "The coupon was taken back"),
    "coupon_not_yet_valid": (422, "The coupon is not valid yet"),
    "coupon_expired": (422, "The coupon has ended"),
    "coupon_used_up": (422, "The coupon was used"),
    "somebody_elses_coupon": (422, "The coupon is somebody else's"),
    "spend_missing": (422, "The total is missing"),
    "below_minimum_spend": (422, "The order is too small"),
    "too_many_guesses": (429, "Too many wrong codes"),
}
CHECKOUT_CODES: Final[Codes] = {
    "key_missing": (400, "The key is missing"),
    "unknown_customer": (404, "There is no such customer"),
    "unknown_command": (404, "There is no such hold or capture"),
    "insufficient_points": (422, "Not enough points"),
    "nothing_left": (422, "So much is not left"),
    "hold_ended": (422, "The hold has ended"),
    "account_frozen": (422, "The account is frozen"),
    "nothing_asked": (422, "Nothing is asked for"),
    "not_in_it": (422, "It is not held, or not any more"),
    "not_together": (422, "These do not go together"),
    "no_points_value": (422, "Points have no value in money"),
    "too_many_points": (422, "So many points may not pay"),
    "too_late": (422, "Told too late"),
    "too_far_ahead": (422, "The time lies ahead"),
    "too_much_debt": (422, "So much may not be owed"),
    "lines_unknown": (422, "The lines are not known"),
    "refund_above_order": (422, "More than was paid"),
    "coupon_reserved": (422, "Another checkout holds the coupon"),
}
BENEFIT_CODES: Final[Codes] = {
    "unknown_benefit": (404, "There is no such benefit"),
    "no_benefit_use": (404, "There is no such use"),
    "benefit_coupon_used": (409, "Its coupon was used"),
    "not_in_this_tier": (422, "Not for this tier"),
    "quota_used_up": (422, "Used up for now"),
    "not_now": (422, "Not at this time"),
    "birthday_unknown": (422, "The birthday is missing"),
    "not_for_this_order": (422, "Not for this order"),
    "minimum_spend": (422, "The order is too small"),
    "amount_missing": (422, "An amount is missing"),
    "nothing_to_take_off": (422, "There is nothing to take off"),
    "nothing_to_use": (422, "There is nothing to use"),
    "order_gone": (422, "The order was cancelled"),
}
REWARD_CODES: Final[Codes] = {
    "no_reward": (404, "There is no such reward"),
    "no_claim": (404, "There is no such claim"),
    "reward_paused": (422, "The reward is paused"),
    "reward_not_yet": (422, "The reward begins later"),
    "reward_ended": (422, "The reward has ended"),
    "wrong_store": (422, "Another store has it"),
    "not_for_this_tier": (422, "Other tiers may have it"),
    "not_for_this_segment": (422, "Other members may have it"),
    "reward_limit_reached": (422, "Had as often as one may"),
    "sold_out": (422, "None is left"),
    "claim_ended": (422, "The claim has ended"),
    "claim_lapsed": (422, "Not collected in time"),
    "already_collected": (422, "Handed over already"),
    "nothing_to_collect": (422, "There is nothing to collect"),
    "claim_collected": (422, "Handed over already"),
    "claim_coupon_used": (422, "Its coupon was used"),
    "offer_archived": (422, "Its coupon was put away"),
}
TIER_CODES: Final[Codes] = {
    "unknown_tier_grant": (404, "There is no such given tier"),
    "unknown_tier": (422, "There is no such tier to give"),
    "invalid_tier_grant": (422, "The days contradict each other"),
    "tier_grant_over": (422, "The given tier is over"),
}
RISK_CODES: Final[Codes] = {
    "second_person_needed": (403, "A second person has to decide"),
    "no_risk_case": (404, "There is no such case"),
    "risk_case_ended": (409, "The case was decided meanwhile"),
    "nothing_to_reverse": (422, "So many points cannot be taken back"),
}
POINT_CODES: Final[Codes] = {
    "invalid_currency": (422, "The currency is not given"),
}
OFFER_CODES: Final[Codes] = {
    "no_offer": (404, "There is no such offer"),
    "no_batch": (404, "There is no such batch"),
    "no_segment": (404, "There is no such segment"),
    "offer_changed": (409, "The offer was changed meanwhile"),
    "invalid_offer": (422, "The offer cannot be like this"),
    "nobody_there": (422, "There is nobody to issue to"),
    "unknown_members": (422, "Some members are not known"),
}
DUPLICATE_CODES: Final[Codes] = {
    "no_pair": (404, "There is no such pair"),
    "not_merged": (404, "There is no such merge"),
    "pair_decided": (409, "The pair was decided meanwhile"),
    "already_one": (409, "The two are one already"),
    "not_in_pair": (422, "Neither of the two"),
}
WEBHOOK_CODES: Final[Codes] = {
    "no_endpoint": (404, "There is no such endpoint"),
    "no_delivery": (404, "There is no such delivery"),
    "endpoint_off": (409, "The endpoint is off"),
    "bad_endpoint": (422, "The endpoint cannot be like this"),
}
PROGRAMME_CODES: Final[Codes] = {
    "person_needed": (403, "A person has to approve"),
    "own_approval": (403, "Somebody else has to approve"),
    "not_approved": (403, "A person has to approve first"),
    "no_draft": (404, "There is no such draft"),
    "no_version": (404, "There is no such version"),
    "no_simulation": (404, "There is no such simulation"),
    "no_comparison": (404, "There is no such comparison"),
    "draft_changed": (409, "The draft was changed meanwhile"),
    "draft_ended": (409, "The draft went live or was given up"),
    "programme_changed": (409, "Another version is live by now"),
    "simulation_not_done": (409, "The simulation has no result"),
    "invalid_terms": (422, "The terms cannot be so"),
    "invalid_question": (422, "The question makes no sense"),
}
CATALOGUE_CODES: Final[Codes] = {
    "reward_changed": (409, "The reward was changed meanwhile"),
    "reward_code_taken": (409, "Another reward has this code"),
    "invalid_reward": (422, "The terms of the reward cannot be so"),
}
CODES: Final[Codes] = {
    **COMMON_CODES, **COUPON_CODES, **CHECKOUT_CODES, **BENEFIT_CODES, **REWARD_CODES, **TIER_CODES, **WEBHOOK_CODES,
    **RISK_CODES, **POINT_CODES, **OFFER_CODES, **DUPLICATE_CODES, **PROGRAMME_CODES, **CATALOGUE_CODES,
}  # fmt: skip
"""All of them. A code that is not listed is answered as a field that is wrong (422)."""

RETRY_SECONDS: Final = 1
CHALLENGE: Final = 'Bearer realm="Regulars", Basic realm="Regulars"'
TOLD: Final = (
    "field", "fact_id", "day", "store", "spendable", "left", "part", "item", "most", "days", "owed", "until",
    "points", "state", "roles", "unknown",
)  # fmt: skip
"""What of an error's context is shown; the rest is for logs."""


class NotFound(DomainError):
    """No such address, or nothing under it."""

    code = "not_found"


class MethodNotAllowed(DomainError):
    """The address exists, with other methods; `allow` in the context names them."""

    code = "method_not_allowed"


def problem(error: DomainError) -> dict[str, Any]:
    """The problem's members, for a body of its own or inside an answer."""
    status, title = CODES.get(error.code, CODES["malformed_fact"])
    members = {
        "type": f"urn:regulars:problem:{error.code}",
        "title": title,
        "status": status,
        "detail": str(error),
        "code": error.code,
    }
    members |= {name: error.context[name] for name in TOLD if error.context.get(name) not in (None, "")}
    if isinstance(refused := error.context.get("refused"), tuple):
        members["refused"] = [
            {"part": part, "item": item, "code": one.code, "detail": str(one)} for part, item, one in refused
        ]
    return members


def refusal(error: DomainError) -> HttpResponse:
    """The whole response to a request that is refused."""
    return respond(problem(error), error)


def respond(members: dict[str, Any], error: DomainError) -> HttpResponse:
    """A response of these members, with the headers that belong to the error."""
    response = HttpResponse(orjson.dumps(members), status=members["status"], content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    # Django would write a line for every refusal; what matters was logged where it happened.
    response._has_been_logged = True  # type: ignore[attr-defined]
    if members["status"] == 401:
        response["WWW-Authenticate"] = CHALLENGE
    if members["status"] in (429, 503):
        response["Retry-After"] = str(error.context.get("retry_after") or RETRY_SECONDS)
    if allow := error.context.get("allow"):
        response["Allow"] = str(allow)
    return response


class Unavailable(DomainError):
    """The database is away; nothing was written."""

    code = "database_unavailable"


class InternalError(DomainError):
    """Our own mistake."""

    code = "internal_error"


def unexpected(error: Exception) -> HttpResponse:
    """The response to our own mistake: the log has everything, the caller learns that nothing was written."""
    log.error("The API failed.", exc_info=error)
    return refusal(InternalError("Nothing was written. The log of the server says more."))
