import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('customers', '0001_initial'),
        ('loyalty', '0019_coupon_batches'),
    ]

    operations = [
        migrations.CreateModel(
            name='MemberBadge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(db_collation='C', max_length=20)),
                ('fact_id', models.BigIntegerField()),
                ('rule', models.CharField(max_length=60)),
                ('at', models.DateTimeField()),
                (
                    'customer',
                    models.ForeignKey(
                        db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT,
                        related_name='+', to='customers.customer',
                    ),
                ),
            ],
            options={
                'indexes': [models.Index(fields=['code', 'customer'], name='member_badge_code')],
                'constraints': [models.UniqueConstraint(fields=('customer', 'code'), name='member_badge_once')],
            },
        ),
    ]
