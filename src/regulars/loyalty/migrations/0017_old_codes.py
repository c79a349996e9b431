"""Coupons that are taken over keep their old codes, and comparisons tell of them."""

from django.db import migrations, models
from django.db.models import Q

OWN = r"^[2-9A-HJKMNP-Z]{12}$"


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0016_currencies")]

    operations = [
        migrations.AddField(
            model_name="paralleldifference", name="codes", field=models.JSONField(db_default=[], default=list)
        ),
        migrations.AlterField(
            model_name="coupon", name="code", field=models.CharField(db_collation="C", max_length=40)
        ),
        migrations.RemoveConstraint(model_name="coupon", name="coupon_code_letters"),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.CheckConstraint(
                condition=Q(code__regex=OWN) | Q(code__regex=r"^[0-9A-Z]{4,40}$", key__startswith="taken:"),
                name="coupon_code_letters",
            ),
        ),
        migrations.AddIndex(
            model_name="coupon",
            index=models.Index(condition=~Q(code__regex=OWN), fields=["id"], name="coupon_old_code"),
        ),
    ]
