"""Standings are rewritten with every order: room in each page keeps the update where the row is."""

from django.db import migrations


class Migration(migrations.Migration):
    """Leave room in the pages."""

    dependencies = [("loyalty", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE loyalty_standing SET (fillfactor = 60)", "ALTER TABLE loyalty_standing RESET (fillfactor)"
        )
    ]
