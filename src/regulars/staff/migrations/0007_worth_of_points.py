from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('staff', '0006_programme_by_another'),
    ]

    operations = [
        migrations.AddField(
            model_name='business',
            name='worth_points',
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name='business',
            name='worth_minor',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name='business',
            constraint=models.CheckConstraint(
                condition=models.Q(worth_points__gt=0, worth_minor__gte=0)
                | models.Q(worth_points=0, worth_minor=0),
                name='staff_business_worth',
            ),
        ),
    ]
