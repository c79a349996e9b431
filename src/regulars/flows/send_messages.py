"""Send what waits in the queue, over one connection, at most once each; several workers may do so at once."""

from collections.abc import Callable
from datetime import datetime

from regulars.flows.transactions import again_if_contended
from regulars.outreach.channels import email
from regulars.outreach.channels.email_settings import in_use, note_trouble
from regulars.outreach.deliveries import claims
from regulars.outreach.deliveries.admission import Admitted, admit
from regulars.outreach.deliveries.letters import letter
from regulars.outreach.deliveries.rules import BATCH, Tally
from regulars.outreach.deliveries.sending import send_batch
from regulars.outreach.queries import message_cost
from regulars.staff import queries as staff
from regulars.staff.rules import BusinessProfile

Clock = Callable[[], datetime]


def send_messages(*, clock: Clock, stop: Callable[[], bool] = lambda: False) -> Tally:
    """Send e-mail until nothing is due, `stop` says so, or the mail server does not work.

    Raises:
        BadEmailSettings, SecretUnreadable: Nothing can be sent before somebody corrects the settings.
    """
    business, use, tally = staff.business(), in_use(), Tally()
    cost = message_cost(email.CHANNEL.code)
    sender = email.EmailSender(use, business=business.name)
    try:
        with claims.worker() as worker:
            while not stop() and not tally.trouble:
                batch = again_if_contended(lambda: _next(worker, business, clock()))
                if batch is None:
                    break
                sent = send_batch(
                    batch.ready,
                    worker=worker,
                    sender=sender,
                    write=lambda ready, at: letter(ready, use=use, shop=business.name, at=at),
                    cost_minor=cost,
                    clock=clock,
                    stop=stop,
                )
                sent += Tally(suppressed=batch.suppressed)
                tally += sent
                if not sent.moved:
                    break
            if tally.sent and not tally.trouble:
                note_trouble(code="", detail="", at=clock())
    finally:
        sender.close()
    return tally


def _next(worker: int, business: BusinessProfile, at: datetime) -> Admitted | None:
    """Claim and look at the next batch, in one transaction, also what dead workers held; None when nothing is due."""
    claims.free_dead(at=at)
    claimed = claims.claim(worker=worker, channel="email", time_zone=business.time_zone, at=at, most=BATCH)
    return admit(claimed, channel="email", business=business, at=at) if claimed else None
