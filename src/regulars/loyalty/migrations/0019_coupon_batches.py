import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('loyalty', '0018_till'),
    ]

    operations = [
        migrations.CreateModel(
            name='CouponBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('segment_id', models.BigIntegerField(null=True)),
                (
                    'customer_ids',
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), null=True, size=None
                    ),
                ),
                ('wanted', models.IntegerField()),
                ('done', models.IntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.CharField(blank=True, max_length=200)),
                ('ended_at', models.DateTimeField(null=True)),
                ('problem', models.CharField(blank=True, max_length=40)),
                (
                    'version',
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name='+', to='loyalty.offerversion'
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name='couponbatch',
            constraint=models.CheckConstraint(
                condition=models.Q(('done__gte', 0), ('done__lte', models.F('wanted')), ('wanted__gt', 0)),
                name='batch_sizes',
            ),
        ),
        migrations.AddConstraint(
            model_name='couponbatch',
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(('ended_at', None), ('problem', '')),
                    models.Q(('done', models.F('wanted')), ('ended_at__isnull', False), ('problem', '')),
                    models.Q(('ended_at__isnull', False), models.Q(('problem', ''), _negated=True)),
                    _connector='OR',
                ),
                name='batch_end',
            ),
        ),
    ]
