from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):

    dependencies = [
        ('catalogue', '0001_initial'),
        ('loyalty', '0006_drafts'),
    ]

    operations = [
        migrations.CreateModel(
            name='CheckoutStep',
            fields=[
                ('command', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='loyalty.command')),
                ('digest', models.BinaryField()),
                ('left', models.BigIntegerField()),
                ('spendable', models.BigIntegerField()),
                ('ends_at', models.DateTimeField(null=True)),
                ('is_open', models.BooleanField(default=False)),
                ('store', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalogue.store')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('is_open', True)), fields=['ends_at'], name='checkout_step_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('left__gte', 0), ('spendable__gte', 0)), name='checkout_step_counts'), models.CheckConstraint(condition=models.Q(('ends_at__isnull', False), ('is_open', False), _connector='OR'), name='checkout_step_end')],
            },
        ),
    ]
