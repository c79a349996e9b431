import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("loyalty", "0011_taking_over")]

    operations = [
        migrations.CreateModel(
            name='TierGrant',
            fields=[
                ('command', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='loyalty.command')),
                ('tier', models.CharField(max_length=60)),
                ('from_date', models.DateField()),
                ('until_date', models.DateField(null=True)),
                ('source', models.CharField(default='manual', max_length=10)),
                ('reason', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('until_date', None), ('until_date__gt', models.F('from_date')), _connector='OR'), name='tier_grant_forward'), models.CheckConstraint(condition=models.Q(('tier', ''), _negated=True), name='tier_grant_tier'), models.CheckConstraint(condition=models.Q(('source__in', ['manual', 'paid', 'taken_over'])), name='tier_grant_source')],
            },
        ),
        migrations.AddConstraint(
            model_name='command',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 21)), fields=('refers_to',), name='command_tier_end_once'),
        ),
    ]
