"""The end of a tier moves with every order of who is above the first: room in each page keeps the update where it is."""

from django.db import migrations


class Migration(migrations.Migration):
    """Leave room in the pages."""

    dependencies = [("loyalty", "0020_badges")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE loyalty_tierinterval SET (fillfactor = 60)",
            "ALTER TABLE loyalty_tierinterval RESET (fillfactor)",
        )
    ]
