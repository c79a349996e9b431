from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0014_budgets")]

    operations = [
        migrations.CreateModel(
            name="FactInput",
            fields=[
                ("fact_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("customer_id", models.BigIntegerField(help_text="whose fact it is, as it was recorded")),
                ("told", models.JSONField()),
            ],
            options={"indexes": [models.Index(fields=["customer_id"], name="fact_input_customer")]},
        ),
    ]
