from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0015_segment_inputs")]

    operations = []
