"""Send a sign-in code: made when it leaves, to whom it was asked for, if anybody is known there."""

from datetime import datetime

from regulars.customers.signing_in import actions as signing_in
from regulars.customers.signing_in.rules import CODE_LASTS, JOIN
from regulars.flows.transactions import again_if_contended
from regulars.outreach import notices
from regulars.staff import queries as staff


def send_code(*, code_id: int, at: datetime) -> bool:
    """Send it, at most once; True if something left."""
    issued = again_if_contended(lambda: signing_in.issue(code_id=code_id, at=at))
    if issued is None:
        return False
    business = staff.business()
    letter = notices.code_letter(
        address=issued.address, code=issued.code, joins=issued.purpose == JOIN,
        language=issued.language or business.language, shop=business.name, minutes=CODE_LASTS.seconds // 60,
        at=at,
    )  # fmt: skip
    notices.send(letter, shop=business.name)
    return True
