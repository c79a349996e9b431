"""Messages to single customers: what became of each, what came back, and the mailbox that stands in for a provider."""

from django.db import models
from django.db.models import Q

STATES = ("queued", "sending", "shown", "sent", "refused", "unknown", "suppressed", "skipped")
PURPOSES = ("promotion", "service")


class Delivery(models.Model):
    """One message to one customer, at most once.

    A campaign reaches a customer once; a message of its own has `key` and `content` instead. `reason` says why it did
    not go out, with `numbers` for its words. `claim` names the worker that holds it, by an advisory lock that ends with
    its connection. `admitted_at` is when consent was looked up, the frequency cap taken and the coupon issued;
    `not_before` delays a next try. `token` stands for the message in addresses that the customer gets: it says nothing
    and opens their preferences only. `message_id` is what the mail server or provider knows the message by, `identity`
    the address that it went to. `cost_minor` is what a message of the channel cost when this one left.
    """

    campaign = models.ForeignKey(
        "outreach.Campaign", on_delete=models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    key = models.CharField(max_length=100, null=True, unique=True)  # noqa: DJ001  # a campaign's have none
    channel = models.CharField(max_length=30)
    purpose = models.CharField(max_length=10, default="promotion")
    language = models.CharField(max_length=10, blank=True)
    content = models.JSONField(null=True)
    offer_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, default="queued")
    reason = models.CharField(max_length=40, blank=True)
    numbers = models.JSONField(null=True)
    tries = models.SmallIntegerField(default=0)
    claim = models.IntegerField(null=True)
    queued_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True)
    admitted_at = models.DateTimeField(null=True)
    sending_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    token = models.UUIDField(null=True)
    message_id = models.CharField(max_length=250, blank=True)
    identity_id = models.BigIntegerField(null=True)
    coupon_id = models.BigIntegerField(null=True)
    cost_minor = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    actor = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "customer"], name="delivery_once"),
            models.UniqueConstraint(fields=["token"], condition=Q(token__isnull=False), name="delivery_token"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="delivery_state"),
            models.CheckConstraint(condition=Q(purpose__in=PURPOSES), name="delivery_purpose"),
            models.CheckConstraint(
                condition=Q(campaign__isnull=False, key=None, content=None)
                | Q(campaign=None, key__isnull=False, content__isnull=False),
                name="delivery_of_what",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "unknown", "suppressed"]) | ~Q(reason=""), name="delivery_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sending", "shown", "sent", "unknown"])
                | Q(token__isnull=False, admitted_at__isnull=False),
                name="delivery_admitted_first",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending", "shown"], ended_at=None)
                | (~Q(state__in=["queued", "sending", "shown"]) & Q(ended_at__isnull=False)),
                name="delivery_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "campaign", "id"], condition=Q(state="queued"), name="delivery_queue"),
            models.Index(fields=["claim"], condition=Q(claim__isnull=False), name="delivery_claim"),
            models.Index(
                fields=["campaign", "sending_at"], condition=Q(sending_at__isnull=False), name="delivery_pace"
            ),
            models.Index(fields=["customer"], name="delivery_customer"),
            # What stands on the copy list, and what was done today.
            models.Index(fields=["state", "ended_at"], condition=Q(channel="copy_list"), name="delivery_by_hand"),
            models.Index(fields=["message_id"], condition=~Q(message_id=""), name="delivery_message"),
        ]


class Touch(models.Model):
    """Somebody, or a scanner before them, opened a message or followed a link. Neither address nor program is kept.

    `link` is the place of the address in the message's text, from 0; `machine` says what gave a scanner away, '' for a
    person.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=5)
    link = models.SmallIntegerField(null=True)
    at = models.DateTimeField()
    machine = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="open", link=None) | Q(kind="click", link__isnull=False), name="touch_kind"
            ),
            models.CheckConstraint(
                condition=Q(machine__in=["", "head", "agent", "haste", "sweep"]), name="touch_machine"
            ),
        ]


class MailboxMessage(models.Model):
    """A message that was left in the local mailbox instead of being sent."""

    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    message_id = models.CharField(max_length=250, blank=True)
    kept_at = models.DateTimeField()


class ChannelSetting(models.Model):
    """How a channel sends, as its settings' dataclass has it; secrets are the staff's. `trouble` is why it stands.

    `cost_minor` is what one message costs, in minor units with decimals, since an SMS costs less than a whole 分.
    """

    channel = models.CharField(max_length=30, primary_key=True)
    told = models.JSONField(default=dict)
    trouble = models.CharField(max_length=40, blank=True)
    trouble_detail = models.CharField(max_length=300, blank=True)
    trouble_at = models.DateTimeField(null=True)
    cost_minor = models.DecimalField(max_digits=12, decimal_places=4, default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(cost_minor__gte=0), name="channel_cost")]
