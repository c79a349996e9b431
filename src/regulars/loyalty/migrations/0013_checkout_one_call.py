import django.db.models.deletion
from django.db import migrations, models

# Steps were known by their command; they get a number of their own, since a step may be about coupons alone. Those
# that stand keep theirs, which tills know, and new ones begin after every command there is.
CARRY_OVER = """
INSERT INTO loyalty_checkoutstep (id, key, kind, digest, goes_on_id, command_id, customer_id, at, store_id, source_id,
                                  order_key, told, answer, ends_at, is_open, recorded_at)
SELECT k.id, k.key, k.kind, h.digest, k.refers_to_id, k.id, k.customer_id, k.at, h.store_id, NULL, '',
       '{}', jsonb_build_object('points', k.amount, 'left', h.left, 'spendable', h.spendable),
       h.ends_at, h.is_open, k.recorded_at
FROM loyalty_commandstep h JOIN loyalty_command k ON k.id = h.command_id ORDER BY k.id
"""
NUMBER_ON = """
SELECT setval(pg_get_serial_sequence('loyalty_checkoutstep', 'id'),
              (SELECT coalesce(max(id), 0) + 1 FROM loyalty_command), false)
"""


class Migration(migrations.Migration):

    dependencies = [
        ("catalogue", "0001_initial"),
        ("customers", "0001_initial"),
        ("facts", "0001_initial"),
        ("loyalty", "0012_tier_grants"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="checkoutstep", name="checkout_step_open"),
        migrations.RenameModel(old_name="CheckoutStep", new_name="CommandStep"),
        migrations.CreateModel(
            name='CheckoutStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(db_collation='C', max_length=320)),
                ('kind', models.SmallIntegerField()),
                ('digest', models.BinaryField()),
                ('goes_on', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='loyalty.checkoutstep')),
                ('command', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='loyalty.command')),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                ('at', models.DateTimeField()),
                ('store', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.store')),
                ('source', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='facts.source')),
                ('order_key', models.CharField(blank=True, max_length=250)),
                ('told', models.JSONField(default=dict)),
                ('answer', models.JSONField(default=dict)),
                ('ends_at', models.DateTimeField(null=True)),
                ('is_open', models.BooleanField(default=False)),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('is_open', True)), fields=['customer', 'ends_at'], name='checkout_step_open_of')],
                'constraints': [models.UniqueConstraint(fields=('key',), name='checkout_step_once'), models.CheckConstraint(condition=models.Q(('kind__in', [11, 12, 13, 14, 15])), name='checkout_step_kind'), models.CheckConstraint(condition=models.Q(('ends_at__isnull', False), ('is_open', False), _connector='OR'), name='checkout_step_ends'), models.CheckConstraint(condition=models.Q(models.Q(('order_key', ''), ('source', None)), models.Q(('source__isnull', False), models.Q(('order_key', ''), _negated=True)), _connector='OR'), name='checkout_step_order_whole')],
            },
        ),
        migrations.RunSQL([CARRY_OVER, NUMBER_ON], migrations.RunSQL.noop),
        migrations.DeleteModel(name="CommandStep"),
        migrations.AddField(
            model_name='couponuse',
            name='reserved_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='couponuse',
            index=models.Index(condition=models.Q(('reserved_until__isnull', False), ('undone_at', None)), fields=['coupon', 'reserved_until'], name='coupon_use_reserved'),
        ),
    ]
