from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0015_segment_inputs")]

    operations = [
        migrations.AddField(
            model_name="command", name="currency", field=models.SmallIntegerField(db_default=1, default=1)
        ),
        migrations.AddField(
            model_name="pointsproposal", name="currency", field=models.SmallIntegerField(db_default=1, default=1)
        ),
        migrations.AddField(
            model_name="rewardversion",
            name="currency",
            field=models.CharField(db_collation="C", db_default="points", default="points", max_length=30),
        ),
    ]
