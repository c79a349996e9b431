from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('staff', '0005_trade'),
    ]

    operations = [
        migrations.AddField(
            model_name='business',
            name='programme_by_another',
            field=models.BooleanField(default=False),
        ),
    ]
