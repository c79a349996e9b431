from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('staff', '0004_secret'),
    ]

    operations = [
        migrations.AddField(
            model_name='business',
            name='trade',
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name='user',
            name='menu',
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name='user',
            name='steps_hidden',
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('menu__in', ['', 'small', 'whole'])), name='staff_user_menu'),
        ),
    ]
