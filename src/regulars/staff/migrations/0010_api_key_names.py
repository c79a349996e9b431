from django.db import migrations, models

# Of living keys that share a name the first keeps it for itself; the others are told apart by `shares_name`. None is
# renamed: `api:` and the name is also the source that numbered the orders which a key sent.
SQL = """
UPDATE staff_apikey SET shares_name = true WHERE revoked_at IS NULL AND EXISTS (
  SELECT 1 FROM staff_apikey e WHERE e.name = staff_apikey.name AND e.revoked_at IS NULL AND e.id < staff_apikey.id);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("staff", "0009_till"),
    ]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="shares_name",
            field=models.BooleanField(default=False),
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at", None), ("shares_name", False)),
                fields=("name",),
                name="staff_api_key_name_once",
            ),
        ),
    ]
