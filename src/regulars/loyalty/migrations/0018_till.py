"""What was done at tills, so that a step is never done twice, and the last one can be undone."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    """What was done at tills, so that a step is never done twice, and the last one can be undone."""

    dependencies = [  # noqa: RUF012
        ("catalogue", "0001_initial"),
        ("customers", "0001_initial"),
        ("loyalty", "0017_old_codes"),
    ]
    operations = [  # noqa: RUF012
        migrations.CreateModel(
            name="TillStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(db_collation="C", max_length=80)),
                ("kind", models.CharField(max_length=10)),
                ("digest", models.BinaryField()),
                ("actor", models.CharField(max_length=200)),
                ("allowed_by", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
                ("business_date", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("is_late", models.BooleanField(default=False)),
                ("amount", models.BigIntegerField(null=True)),
                ("off_minor", models.BigIntegerField(default=0)),
                ("stamps", models.JSONField(default=dict)),
                ("given", models.JSONField(default=dict)),
                (
                    "facts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_by", models.CharField(blank=True, max_length=200)),
                ("undo_allowed_by", models.CharField(blank=True, max_length=200)),
                (
                    "checkout",
                    models.OneToOneField(null=True, on_delete=PROTECT, related_name="+", to="loyalty.checkoutstep"),
                ),
                (
                    "claim",
                    models.OneToOneField(null=True, on_delete=PROTECT, related_name="+", to="loyalty.rewardclaim"),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False, db_index=False, on_delete=PROTECT, related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=PROTECT, related_name="+", to="catalogue.store"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["actor", "-id"], name="till_step_actor"),
                    models.Index(fields=["business_date", "store"], name="till_step_day"),
                    models.Index(fields=["customer", "at"], name="till_step_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("key",), name="till_step_once"),
                    models.CheckConstraint(
                        condition=Q(kind="sale", claim=None) | Q(kind="reward", claim__isnull=False, amount=None),
                        name="till_step_kind",
                    ),
                    models.CheckConstraint(
                        condition=Q(off_minor__gte=0) & (Q(amount=None) | Q(amount__gte=0)), name="till_step_money"
                    ),
                    models.CheckConstraint(
                        condition=Q(undone_at=None, undone_by="", undo_allowed_by="")
                        | (Q(undone_at__isnull=False) & ~Q(undone_by="")),
                        name="till_step_undone",
                    ),
                ],
            },
        ),
    ]  # fmt: skip
