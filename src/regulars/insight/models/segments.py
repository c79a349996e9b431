"""Segments, who is in them since when and why, and tags."""

from django.db import models
from django.db.models import F, Q

from regulars.insight.models.refresh import Refresh


class Tag(models.Model):
    """A word that staff, rules or models hang on customers. `names` is {zh, en}, one of them at least."""

    names = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True)
    archived_at = models.DateTimeField(null=True)


class Segment(models.Model):
    """A named choice of customers; whom it means stands in its versions. `names` is {zh, en}, one of them at least.

    `preset` says which of the segments for a new shop it was made from. `gives` is the tag that its members get.
    What the last refresh found: `members` of `counted` (a version) on `counted_on`, or a `problem` (a code of
    core.conditions) because of which nobody came or left.
    """

    names = models.JSONField()
    preset = models.CharField(max_length=40, unique=True, null=True)  # noqa: DJ001  # several have none
    gives = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True)
    archived_at = models.DateTimeField(null=True)
    members = models.BigIntegerField(null=True)
    counted = models.ForeignKey("SegmentVersion", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    counted_on = models.DateField(null=True)
    problem = models.CharField(max_length=50, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(counted=None, counted_on=None, members=None)
                | Q(counted__isnull=False, counted_on__isnull=False, members__isnull=False),
                name="segment_counted_whole",
            )
        ]


class SegmentVersion(models.Model):
    """Whom a segment means, from this version on. Never changed, never deleted (a trigger refuses)."""

    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.IntegerField()
    tree = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "number"], name="segment_version_once")]


class MembershipCause(models.Model):
    """Why customers came into a segment or left it on a refresh; the same for all of whom it is true.

    `became_true` and `became_false` are places of conditions in the version's tree, in reading order.
    """

    refresh = models.ForeignKey(Refresh, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(SegmentVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    why = models.CharField(max_length=10)
    became_true = models.JSONField(default=list)
    became_false = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(why__in=["first", "edited", "arrived", "gone", "changed"]), name="membership_cause_why"
            )
        ]


class Membership(models.Model):
    """A customer is in a segment from one day to before another. Rows name the customer who stood for the group then.

    An empty interval (came and left on one day) is what remains of a refresh that was made again.
    """

    segment = models.ForeignKey(
        Segment, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    entered_on = models.DateField()
    entered_by = models.ForeignKey(
        MembershipCause, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    left_on = models.DateField(null=True)
    left_by = models.ForeignKey(
        MembershipCause, on_delete=models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "customer"], condition=Q(left_on=None), name="membership_once_at_a_time"
            ),
            models.CheckConstraint(condition=Q(left_on__gte=F("entered_on")), name="membership_forward"),
            models.CheckConstraint(
                condition=Q(left_on=None, left_by=None) | Q(left_on__isnull=False, left_by__isnull=False),
                name="membership_left_why",
            ),
        ]
        indexes = [
            models.Index(fields=["customer"], name="membership_customer"),
            models.Index(fields=["segment", "left_on"], name="membership_left", condition=Q(left_on__isnull=False)),
        ]


class TagGiven(models.Model):
    """A tag hangs on a customer from a moment until it is taken, or until a moment that was set beforehand.

    `source` is 'hand', 'rule' (then `segment` says which) or 'model'; `given_by` is a person's or a model's name.
    """

    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    source = models.CharField(max_length=5)
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    given_by = models.CharField(max_length=200, blank=True)
    given_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    taken_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tag", "customer", "source", "segment"],
                condition=Q(taken_at=None),
                name="tag_given_once_at_a_time",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(source__in=["hand", "rule", "model"]), name="tag_given_source"),
            models.CheckConstraint(
                condition=Q(source="rule", segment__isnull=False) | (~Q(source="rule") & Q(segment=None)),
                name="tag_given_rule",
            ),
            models.CheckConstraint(condition=Q(until__gt=F("given_at")), name="tag_given_forward"),
        ]
        indexes = [models.Index(fields=["customer"], name="tag_given_customer")]
