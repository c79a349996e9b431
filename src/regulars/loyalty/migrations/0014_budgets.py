import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0013_checkout_one_call")]

    operations = [
        migrations.RenameField(model_name="standing", old_name="owes", new_name="whole"),
        migrations.AlterField(
            model_name="standing",
            name="whole",
            field=models.BooleanField(
                default=False, help_text="the next fact needs the whole history: owing, frozen …"
            ),
        ),
        migrations.CreateModel(
            name="RuleBudget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="BudgetShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fact_id", models.BigIntegerField()),
                ("customer_id", models.BigIntegerField(help_text="whose fact it is, as it was recorded")),
                ("amount", models.BigIntegerField()),
                ("returned", models.BooleanField(default=False)),
                (
                    "budget",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="loyalty.rulebudget",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["fact_id", "budget"], name="budget_share_once"),
                    models.CheckConstraint(condition=models.Q(amount__gte=0), name="budget_share_not_negative"),
                ],
                "indexes": [models.Index(fields=["customer_id"], name="budget_share_customer")],
            },
        ),
        migrations.AddField(model_name="standing", name="frozen", field=models.BooleanField(default=False)),
    ]
