"""Every background job by name. Jobs carry ids only, may run twice, and check the state under lock."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued, JobAborted
from procrastinate.tasks import Task

from regulars.core.calendar import business_date, days_before
from regulars.core.errors import DomainError
from regulars.customers import actions as customers
from regulars.customers.cards import actions as cards
from regulars.customers.signing_in import actions as signing_in
from regulars.facts import actions as facts
from regulars.facts import imports_view
from regulars.flows import check_import as checking
from regulars.flows import import_orders
from regulars.flows import release_holds as releasing
from regulars.flows import undo_import as undoing
from regulars.flows.lapse_claims import lapse_claims
from regulars.flows.launch_programme import launch_as_planned
from regulars.flows.rate_again import rate_everybody_again
from regulars.flows.settings import picture_day, programme
from regulars.flows.settle_due import settle_due
from regulars.flows.verify_books import verify_books
from regulars.ledger import actions as ledger
from regulars.limits import actions as limits
from regulars.loyalty import queries as loyalty
from regulars.loyalty.rules import InvalidPolicy
from regulars.outreach.channels import mailbox

WORK, PERIODIC, INSIGHT, MESSAGES, WEBHOOKS = "work", "periodic", "insight", "messages", "webhooks"
CODES = "codes"
"""Somebody looks at their phone and waits for it."""

BOOKS = "books"
"""The lock of jobs that post to everybody's books: one at a time, each with the programme as it is when it starts."""

SEEN_BY_ALL_S = 5
"""So long after a version goes live no web process rates anything by the one before: they keep it for a second."""
NIGHT_ENDS_AT = 4
MAIL_KEPT = timedelta(days=30)
"""Messages in the local mailbox are personal data."""
SIGN_INS_KEPT = timedelta(days=1)
"""Addresses for which codes were asked are personal data."""
SCANS_KEPT = timedelta(days=30)
COUNTS_KEPT = timedelta(days=400)
"""Longer than any window of a cap."""
TELL_EVERY_S = 0.5
WAITING = ("todo", "doing")
AGAIN = RetryStrategy(max_attempts=6, exponential_wait=3)
LATER = RetryStrategy(max_attempts=3, wait=600)


@app.task(name="check_import", queue=WORK, retry=AGAIN, pass_context=True)
def check_import(context: JobContext, *, import_id: int) -> None:
    """Read an uploaded file whole and stage what it tells."""
    with facts.only_one(import_id) as alone:
        view = imports_view.get(import_id)
        if not alone or view is None or view.status != "checking":
            return
        tell = _every_so_often(lambda count: facts.note_step(import_id=import_id, count=count), context)
        # What is wrong with the file is kept with the import, where its owner reads it.
        with suppress(DomainError):
            checking.check_import(
                import_id=import_id,
                at=timezone.now(),
                progress=lambda step, count: tell(count) if step == "rows" else None,
            )


@app.task(name="post_import", queue=WORK, retry=AGAIN, lock=BOOKS, pass_context=True)
def post_import(context: JobContext, *, import_id: int) -> None:
    """Post what an import staged, on from where it stopped."""
    with facts.only_one(import_id) as alone:
        view = imports_view.get(import_id)
        if not alone or view is None or view.status != "posting":
            return
        policies, zone = programme()
        for _ in import_orders.post_import(import_id=import_id, policies=policies, zone=zone, at=timezone.now()):
            _leave_if_told(context)
        start(refresh_insight)  # whoever brought orders wants to see their regulars now, not tomorrow


@app.task(name="undo_import", queue=WORK, retry=AGAIN, lock=BOOKS, pass_context=True)
def undo_import(context: JobContext, *, import_id: int) -> None:
    """Take back what an import told, on from where it stopped."""
    with facts.only_one(import_id) as alone:
        view = imports_view.get(import_id)
        if not alone or view is None or view.status != "undoing":
            return
        policies, _ = programme()
        before, now = view.step, timezone.now()
        for done in undoing.undo_import(import_id=import_id, policies=policies, actor=view.undone_by, at=now):
            facts.note_step(import_id=import_id, count=before + done)
            _leave_if_told(context)
        start(refresh_insight)


@app.task(name="issue_coupons", queue=WORK, retry=AGAIN, pass_context=True)
def issue_coupons(context: JobContext, *, batch_id: int) -> None:
    """Issue the coupons of a batch, on from where it stopped."""
    from regulars.flows import issue_coupons as issuing

    for _ in issuing.issue_batch(batch_id=batch_id, clock=timezone.now):
        _leave_if_told(context)


@app.task(name="rate_again", queue=WORK, retry=AGAIN, lock=BOOKS, pass_context=True)
def rate_again(context: JobContext, number: int | None = None) -> None:
    """Bring everybody's tiers up to a version that has just gone live; what orders earned stays as it was."""
    policies, _ = programme()
    for _ in rate_everybody_again(policies=policies, at=timezone.now(), number=number):
        _leave_if_told(context)


@app.task(name="launch_draft", queue=WORK, retry=AGAIN)
def launch_draft(*, draft_id: int, revision: int, api_key_id: int) -> None:
    """Put a draft of the programme live at the time that a program planned."""
    number = launch_as_planned(draft_id=draft_id, revision=revision, api_key_id=api_key_id, at=timezone.now())
    if number is not None:
        start(rate_again, in_seconds=SEEN_BY_ALL_S, number=number)


@app.task(name="verify_now", queue=WORK, pass_context=True)
def verify_now(context: JobContext) -> None:
    """Verify the books because somebody asked."""
    policies, _ = programme()
    for _ in verify_books(policies=policies, at=timezone.now()):
        _leave_if_told(context)


@app.task(name="refresh_insight", queue=INSIGHT, retry=LATER, pass_context=True)
def refresh_insight(context: JobContext) -> None:
    """Make the picture as of today; if somebody does it already, theirs will do."""
    # Ibis takes a second to load, and not every process that knows the jobs runs this one.
    from regulars.flows import refresh_insight as refreshing
    from regulars.insight.actions import AlreadyRefreshing

    with suppress(AlreadyRefreshing):
        day = picture_day(timezone.now())
        refreshing.refresh_insight(day=day, clock=timezone.now, progress=lambda step: _leave_if_told(context))
        start(raise_alerts)


@app.task(name="simulate_programme", queue=INSIGHT, retry=LATER, pass_context=True)
def simulate_programme(context: JobContext, *, simulation_id: int) -> None:
    """Answer a question to the simulator; broken off, from the start when there is a worker again."""
    from regulars.flows import simulate_programme as simulating

    # What is wrong with the question is kept with it, where its owner reads it.
    with suppress(DomainError):
        for _ in simulating.simulate_programme(simulation_id=simulation_id, clock=timezone.now):
            _leave_if_told(context)


@app.task(name="raise_alerts", queue=INSIGHT, retry=LATER, pass_context=True)
def raise_alerts(context: JobContext) -> None:
    """Give those who came into danger to somebody; a picture that was looked at already raises nothing."""
    from regulars.flows import raise_alerts as alerts

    _, zone = programme()
    alerts.raise_alerts(zone=zone, at=timezone.now())


@app.task(name="queue_campaign", queue=WORK, retry=AGAIN, pass_context=True)
def queue_campaign(context: JobContext, *, campaign_id: int) -> None:
    """Decide about everybody in a campaign that was started, on from where it stopped; then messages leave."""
    from regulars.flows import start_campaign

    for _ in start_campaign.queue_campaign(campaign_id=campaign_id, clock=timezone.now):
        _leave_if_told(context)


@app.task(name="close_campaign", queue=WORK, retry=AGAIN, pass_context=True)
def close_campaign(context: JobContext, *, campaign_id: int) -> None:
    """Take what still waits of an ended campaign out of the queue."""
    from regulars.flows import move_campaign

    for _ in move_campaign.close_campaign(campaign_id=campaign_id, clock=timezone.now):
        _leave_if_told(context)


@app.task(name="measure_campaign", queue=INSIGHT, retry=LATER, pass_context=True)
def measure_campaign(context: JobContext, *, campaign_id: int) -> None:
    """Measure a campaign: every night while its window goes on, and whenever somebody asks."""
    from regulars.flows import measure_campaign as measuring

    # Nobody asks for a campaign that was never started, unless it was a moment ago.
    with suppress(DomainError):
        if measuring.measure_campaign(campaign_id=campaign_id, at=timezone.now()).is_over:
            start(close_campaign, campaign_id=campaign_id)


@app.task(name="measure_standing", queue=INSIGHT, retry=LATER, pass_context=True)
def measure_standing(context: JobContext) -> None:
    """Measure the standing control group against everybody else."""
    from regulars.flows import measure_campaign as measuring

    with suppress(DomainError):
        measuring.measure_standing(at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="send_deliveries", queue=MESSAGES, queueing_lock="send_deliveries", pass_context=True)
def send_deliveries(context: JobContext, timestamp: int) -> None:
    """Send what waits and may leave now; one at a time, and a next one waits at most."""
    from regulars.flows.send_messages import send_messages

    # What is wrong with the settings is shown where somebody can correct it.
    with suppress(DomainError):
        send_messages(clock=timezone.now, stop=context.should_abort)


@app.task(name="send_code", queue=CODES, pass_context=True)
def send_code(context: JobContext, *, code_id: int) -> None:
    """Send a sign-in code. Never again by itself: whoever waits for one asks for another."""
    from regulars.flows.send_code import send_code as sending

    # What is wrong with the settings is shown where somebody can correct it.
    with suppress(DomainError):
        sending(code_id=code_id, at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="tell_webhooks", queue=WEBHOOKS, queueing_lock="tell_webhooks", pass_context=True)
def tell_webhooks(context: JobContext, timestamp: int) -> None:
    """Tell other systems what happened, as long as there are any; the next one waits at most."""
    from regulars.flows import tell_webhooks as telling

    telling.tell_webhooks(clock=timezone.now, stop=context.should_abort)


@app.periodic(cron="* * * * *")
@app.task(name="release_holds", queue=PERIODIC, queueing_lock="release_holds", pass_context=True)
def release_holds(context: JobContext, timestamp: int) -> None:
    """Release points that a till held and whose time is over."""
    try:
        policies, _ = programme()
    except InvalidPolicy:
        return  # nobody has set the business up yet
    for _ in releasing.release_holds(policies=policies, at=timezone.now()):
        _leave_if_told(context)


@app.periodic(cron="* * * * *")
@app.task(name="watch_risk", queue=PERIODIC, queueing_lock="watch_risk", pass_context=True)
def watch_risk(context: JobContext, timestamp: int) -> None:
    """Look at whoever did something since the last minute; what is odd waits for somebody, or is frozen at once."""
    from regulars.flows import watch_risk as watching

    try:
        policies, _ = programme()
    except InvalidPolicy:
        return  # nobody has set the business up yet
    for _ in watching.watch_risk(policies=policies, at=timezone.now()):
        _leave_if_told(context)


@app.periodic(cron="7 * * * *")
@app.task(name="nightly", queue=PERIODIC, queueing_lock="nightly", pass_context=True)
def nightly(context: JobContext, timestamp: int) -> None:
    """Once a night: settle what came due, lapse claims, close the day, propose duplicates, verify, measure, refresh.

    A missed night is made up.
    """
    try:
        policies, zone = programme()
    except InvalidPolicy:
        return  # nobody has set the business up yet
    now, last = timezone.now(), loyalty.last_verification()
    if last is not None and not is_night_due(last.at, now, zone):
        return
    for _ in settle_due(at=now):
        _leave_if_told(context)
    for _ in lapse_claims(policies=policies, at=now):
        _leave_if_told(context)
    ledger.close_day(day=days_before(business_date(now, zone), 1))
    customers.propose_duplicates(at=now)
    facts.sweep_uploads(at=now)
    mailbox.sweep(before=now - MAIL_KEPT)
    limits.sweep(before=now - COUNTS_KEPT)
    signing_in.forget(before=now - SIGN_INS_KEPT)
    cards.forget_uses(before=now - SCANS_KEPT)
    for _ in verify_books(policies=policies, at=now):
        _leave_if_told(context)
    _measure_what_runs(now)
    start(refresh_insight)


@app.periodic(cron="* * * * * */20")
@app.task(name="retry_stalled", queue=PERIODIC, queueing_lock="retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Put jobs whose worker was killed back into the queue."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)


REACTIONS = (refresh_insight, tell_webhooks)
"""Who follows the feed of facts, each with a bound of its own."""


def _measure_what_runs(now: datetime) -> None:
    from regulars.experiments import queries as experiments
    from regulars.experiments.rules import About

    for one in experiments.to_measure(at=now):
        if one.about_kind is About.CAMPAIGN:
            start(measure_campaign, campaign_id=one.about_id)
        elif one.ends_at is None:
            start(measure_standing)


def is_night_due(last_at: datetime, now: datetime, zone: ZoneInfo) -> bool:
    """Whether the end of a night, four in the business's own time, has passed since the last nightly run."""
    local = now.astimezone(zone)
    night = local.replace(hour=NIGHT_ENDS_AT, minute=0, second=0, microsecond=0)
    return last_at < (night if local >= night else night - timedelta(days=1))


def start(job: Task[Any, Any, Any], *, in_seconds: int = 0, **ids: int) -> None:
    """Queue a job within the caller's transaction; one that waits already will do."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        at = timezone.now() + timedelta(seconds=in_seconds) if in_seconds else None
        job.configure(queueing_lock=_name(job, ids), schedule_at=at).defer(**ids)


def plan(job: Task[Any, Any, Any], about: int, *, at: datetime, **ids: int) -> None:
    """Queue a job for a time, in the place of the one that was planned about the same."""
    unplan(job, about)
    job.configure(queueing_lock=_name(job, {"about": about}), schedule_at=at).defer(**ids)


def planned(job: Task[Any, Any, Any]) -> dict[int, datetime]:
    """For when such jobs are planned, by what they are about."""
    waiting = app.job_manager.list_jobs(task=job.name, status="todo")
    named = ((one.queueing_lock or "", one.scheduled_at) for one in waiting)
    return {int(name.rpartition("-")[2]): at for name, at in named if at is not None}


def unplan(job: Task[Any, Any, Any], about: int) -> bool:
    """Take back what was planned about this; whether anything was."""
    waiting = app.job_manager.list_jobs(queueing_lock=_name(job, {"about": about}), status="todo")
    taken_back = [app.job_manager.cancel_job_by_id(one.id) for one in waiting if one.id is not None]
    return any(taken_back)


def is_waiting(job: Task[Any, Any, Any], **ids: int) -> bool:
    """Whether such a job is queued or at work."""
    return any(one.status in WAITING for one in app.job_manager.list_jobs(queueing_lock=_name(job, ids)))


def _name(job: Task[Any, Any, Any], ids: dict[str, int]) -> str:
    return "-".join([job.name, *map(str, ids.values())])


def _leave_if_told(context: JobContext) -> None:
    """The worker is being stopped: what is done is kept, and the job goes on when there is a worker again."""
    if context.should_abort():
        raise JobAborted


def _every_so_often(tell: Callable[[int], None], context: JobContext) -> Callable[[int], None]:
    """`tell`, but not more than twice a second; also the place where a long reading can be left."""
    last = time.monotonic()

    def perhaps(count: int) -> None:
        nonlocal last
        _leave_if_told(context)
        if time.monotonic() - last > TELL_EVERY_S:
            last = time.monotonic()
            tell(count)

    return perhaps
