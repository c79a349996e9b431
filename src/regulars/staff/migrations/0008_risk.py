from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('staff', '0007_worth_of_points'),
    ]

    operations = [
        migrations.AddField(
            model_name='business',
            name='risk_freeze_score',
            field=models.SmallIntegerField(default=90),
        ),
        migrations.AddField(
            model_name='business',
            name='risk_review_score',
            field=models.SmallIntegerField(default=50),
        ),
        migrations.AddField(
            model_name='business',
            name='second_person_points',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name='business',
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ('risk_freeze_score__range', (1, 101)), ('risk_review_score__range', (1, 100)),
                    ('second_person_points__gte', 0),
                ),
                name='staff_business_risk',
            ),
        ),
    ]
