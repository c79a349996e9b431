"""The inbox of facts and the imports that filled it."""

from django.db import models


class Source(models.Model):
    """A system that numbers its own orders. Keys are unique within it."""

    name = models.CharField(max_length=100, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)


class Import(models.Model):
    """One file on its way in: staged and checked whole, then posted in batches, later perhaps undone."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", null=True)
    connector = models.CharField(max_length=50)
    file_name = models.CharField(max_length=255)
    time_zone = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    settings = models.JSONField(default=dict, help_text="how the file is read, besides its columns")
    upload = models.CharField(max_length=100, blank=True, help_text="the kept file, until it is not needed any more")
    sample = models.JSONField(default=dict, help_text="column names and first rows; personal data, goes with the file")
    status = models.CharField(max_length=10, default="checking")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=200, blank=True)
    staged_count = models.IntegerField(default=0)
    posted_count = models.IntegerField(default=0, help_text="staged facts that were posted")
    lanes = models.JSONField(default=list, help_text="the position that each lane has reached; where to resume")
    step_count = models.IntegerField(default=0, help_text="rows read, or facts taken back, so far")
    counts = models.JSONField(default=dict, help_text="what was found: rows, orders, refunds, and each kind of notice")
    report = models.JSONField(default=dict, help_text="what checking found besides counts")
    failure = models.TextField(blank=True)
    failure_code = models.CharField(max_length=50, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    status__in=[
                        "mapping",
                        "checking",
                        "ready",
                        "posting",
                        "done",
                        "failed",
                        "undoing",
                        "undone",
                        "discarded",
                    ]
                ),
                name="import_status",
            )
        ]


class StagedFact(models.Model):
    """A checked fact that waits to be posted; deleted once its import is done. Holds personal data."""

    pk = models.CompositePrimaryKey("import_id", "position")
    import_id = models.BigIntegerField()
    position = models.IntegerField()
    told = models.JSONField()


class StagedProduct(models.Model):
    """A product that a checked file describes; waits, like the facts, until the import is posted."""

    pk = models.CompositePrimaryKey("import_id", "sku")
    import_id = models.BigIntegerField()
    sku = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    category = models.CharField(max_length=200, blank=True)
    brand = models.CharField(max_length=200, blank=True)


class ImportProblem(models.Model):
    """A row that was refused, for the error file."""

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="+")
    row = models.IntegerField(help_text="row number as a person sees it in the file")
    column = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=50)
    detail = models.CharField(max_length=500)
    cells = models.JSONField(default=list)


class KeptMapping(models.Model):
    """How a file with these column names was read last time."""

    fingerprint = models.CharField(max_length=64, unique=True)
    mapping = models.JSONField()
    source_name = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=64)
    used_at = models.DateTimeField(auto_now=True)


class Fact(models.Model):
    """Something that happened. Never changed; an import that is undone retracts its facts.

    `identity` is who it arrived for (a refund takes its order's), `business_date` the day in the business's zone,
    `amount` minor units, `subject` the order that a refund is about. Columns epoch and xid, which order the feed of
    facts, are added in SQL.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    kind = models.SmallIntegerField()
    key = models.CharField(max_length=250)
    subject = models.CharField(max_length=250, null=True)  # noqa: DJ001 - null keeps it out of the partial index
    identity = models.ForeignKey(
        "customers.Identity", on_delete=models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False
    )
    occurred_at = models.DateTimeField()
    business_date = models.DateField()
    amount = models.BigIntegerField(null=True)
    store = models.ForeignKey(
        "catalogue.Store", on_delete=models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False
    )
    body = models.JSONField()
    digest = models.BinaryField()
    batch = models.ForeignKey(
        Import, on_delete=models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False
    )
    recorded_at = models.DateTimeField()
    retracted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "kind", "key"], condition=models.Q(retracted_at=None), name="fact_once"
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="fact_amount_not_negative"),
        ]
        indexes = [
            models.Index(fields=["identity", "occurred_at"], name="fact_identity"),
            # Figures by day, by buyer and by store are read from this index alone.
            models.Index(
                fields=["business_date"],
                include=["kind", "amount", "identity", "store"],
                name="fact_day",
                condition=models.Q(retracted_at=None, kind__in=[1, 2, 3]),
            ),
            models.Index(fields=["source", "subject"], name="fact_subject", condition=~models.Q(subject=None)),
            models.Index(fields=["batch"], name="fact_batch", condition=~models.Q(batch=None)),
            # A refresh reads these whole: a shop has few of them, or none.
            models.Index(
                fields=["business_date"],
                name="fact_contract",
                condition=models.Q(retracted_at=None, kind__in=[6, 7, 8]),
            ),
            # Who keeps a copy of the facts looks here for those to take out of it.
            models.Index(fields=["id"], name="fact_retracted", condition=~models.Q(retracted_at=None)),
        ]
