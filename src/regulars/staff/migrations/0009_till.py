"""The number with which a store manager allows what is above a cashier's limit, and the limits of the till."""

from django.db import migrations, models

ROLES = ["owner", "marketer", "service", "store_manager", "cashier", "viewer"]


class Migration(migrations.Migration):
    """The number with which a store manager allows what is above a cashier's limit, and the limits of the till."""

    dependencies = [("staff", "0008_risk")]
    operations = [  # noqa: RUF012
        migrations.RemoveConstraint(model_name="user", name="staff_user_role"),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(condition=models.Q(("role__in", ROLES)), name="staff_user_role"),
        ),
        migrations.AddField(
            model_name="user",
            name="till_pin",
            field=models.CharField(blank=True, default="", max_length=128),
        ),
        migrations.AddField(model_name="business", name="till_points", field=models.BigIntegerField(default=0)),
        migrations.AddField(
            model_name="business", name="till_undo_minutes", field=models.SmallIntegerField(default=15)
        ),
        migrations.AddConstraint(
            model_name="business",
            constraint=models.CheckConstraint(
                condition=models.Q(("till_points__gte", 0), ("till_undo_minutes__range", (1, 1440))),
                name="staff_business_till",
            ),
        ),
    ]
