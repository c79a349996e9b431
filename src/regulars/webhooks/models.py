"""Endpoints, the messages that were made for them, and what became of each."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

OFF_REASONS = ("staff", "failing", "gone")


class Endpoint(models.Model):
    """An address of another system that is told what happens. `events` are the kinds that it hears; none: all.

    `source` is the system whose ids of customers it may hear. Secrets are sealed; the old one signs until `old_until`.
    `failing_since` is the first failure after the last success. One that is off (`off_at`) gets nothing.
    """

    name = models.CharField(max_length=100)
    url = models.CharField(max_length=500)
    events = ArrayField(models.CharField(max_length=40), default=list)
    source = models.CharField(max_length=100, blank=True)
    secret = models.TextField()
    old_secret = models.TextField(blank=True)
    old_until = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    off_at = models.DateTimeField(null=True)
    off_why = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(off_at=None, off_why="") | Q(off_at__isnull=False, off_why__in=OFF_REASONS),
                name="webhook_endpoint_off",
            ),
            models.CheckConstraint(
                condition=Q(old_secret="", old_until=None) | (~Q(old_secret="") & Q(old_until__isnull=False)),
                name="webhook_endpoint_old_secret",
            ),
        ]


class Message(models.Model):
    """Something that happened, as it is told: never changed, and deleted after a month.

    `token` is its webhook-id, whoever it is sent to and however often. `who` has the external ids of the customers in
    `data` by source, since each endpoint hears those of its own source only.
    """

    token = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    data = models.JSONField()
    who = models.JSONField(default=dict)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["made_at"], name="webhook_message_made")]


class Delivery(models.Model):
    """A message on its way to one endpoint. `due_at` is the next try; while one is under way, when it is given up.

    `tries` are counted from `begun_at`, when it was first to leave or was replayed. `status` and `trouble` are the
    last try's: an HTTP status, or why there is none.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+", db_index=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, default="waiting")
    tries = models.SmallIntegerField(default=0)
    begun_at = models.DateTimeField()
    due_at = models.DateTimeField()
    status = models.SmallIntegerField(null=True)
    trouble = models.CharField(max_length=40, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "endpoint"], name="webhook_delivery_once"),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at=None)
                | Q(state__in=["delivered", "dead"], ended_at__isnull=False),
                name="webhook_delivery_state",
            ),
        ]
        indexes = [
            models.Index(fields=["endpoint", "due_at"], condition=Q(state="waiting"), name="webhook_delivery_due"),
            models.Index(fields=["endpoint", "state", "-id"], name="webhook_delivery_latest"),
        ]


class Attempt(models.Model):
    """One try: what was answered, in its first letters, and how long it took."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    status = models.SmallIntegerField(null=True)
    trouble = models.CharField(max_length=40, blank=True)
    took_ms = models.IntegerField()
    answer = models.CharField(max_length=500, blank=True)


class Bound(models.Model):
    """How far the feed of facts was followed, and the day until which tiers that change by date were told. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    fact_epoch = models.SmallIntegerField()
    fact_xid = models.BigIntegerField()
    tiers_day = models.DateField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="webhook_bound_one")]
