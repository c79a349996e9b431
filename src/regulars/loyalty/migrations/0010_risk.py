import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0002_consent'),
        ('loyalty', '0009_benefits'),
    ]

    operations = [
        migrations.CreateModel(
            name='RiskBound',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('epoch', models.IntegerField(default=0)),
                ('xid', models.BigIntegerField(default=0)),
                ('looked_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='risk_bound_one')],
            },
        ),
        migrations.CreateModel(
            name='RiskCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(default='open', max_length=10)),
                ('score', models.SmallIntegerField()),
                ('evidence', models.JSONField()),
                ('opened_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('assignee', models.CharField(blank=True, max_length=200)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.CharField(blank=True, max_length=200)),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
            ],
        ),
        migrations.CreateModel(
            name='PointsProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=10)),
                ('amount', models.BigIntegerField()),
                ('note', models.CharField(max_length=300)),
                ('key', models.CharField(max_length=200, unique=True)),
                ('state', models.CharField(default='waiting', max_length=10)),
                ('proposed_by', models.CharField(max_length=200)),
                ('proposed_at', models.DateTimeField()),
                ('decided_by', models.CharField(blank=True, max_length=200)),
                ('decided_at', models.DateTimeField(null=True)),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='loyalty.riskcase')),
            ],
        ),
        migrations.CreateModel(
            name='RiskMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.SmallIntegerField()),
                ('mark', models.CharField(db_collation='C', max_length=32)),
                ('customer_id', models.BigIntegerField()),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('orders', models.IntegerField(default=1)),
            ],
            options={
                'indexes': [models.Index(fields=['customer_id'], name='risk_mark_customer')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'mark', 'customer_id'), name='risk_mark_once')],
            },
        ),
        migrations.CreateModel(
            name='RiskStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('action', models.CharField(max_length=20)),
                ('actor', models.CharField(blank=True, max_length=200)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('points', models.BigIntegerField(default=0)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='loyalty.riskcase')),
            ],
        ),
        migrations.AddIndex(
            model_name='riskcase',
            index=models.Index(fields=['customer', '-opened_at'], name='risk_case_customer'),
        ),
        migrations.AddIndex(
            model_name='riskcase',
            index=models.Index(fields=['state', '-score', 'id'], name='risk_case_queue'),
        ),
        migrations.AddIndex(
            model_name='riskcase',
            index=models.Index(fields=['-opened_at'], name='risk_case_opened'),
        ),
        migrations.AddConstraint(
            model_name='riskcase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state__in', ['open', 'reviewed'])), models.Q(('decided_at__isnull', False), ('state__in', ['frozen', 'released', 'dismissed'])), _connector='OR'), name='risk_case_state'),
        ),
        migrations.AddConstraint(
            model_name='riskcase',
            constraint=models.CheckConstraint(condition=models.Q(('score__range', (0, 100))), name='risk_case_score'),
        ),
        migrations.AddConstraint(
            model_name='riskcase',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['open', 'reviewed', 'frozen'])), fields=('customer',), name='risk_case_once'),
        ),
        migrations.AddIndex(
            model_name='pointsproposal',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['proposed_at'], name='points_proposal_waiting'),
        ),
        migrations.AddIndex(
            model_name='pointsproposal',
            index=models.Index(fields=['customer'], name='points_proposal_customer'),
        ),
        migrations.AddConstraint(
            model_name='pointsproposal',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['grant', 'deduct', 'release'])), name='points_proposal_kind'),
        ),
        migrations.AddConstraint(
            model_name='pointsproposal',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0), models.Q(('proposed_by', ''), _negated=True)), name='points_proposal_whole'),
        ),
        migrations.AddConstraint(
            model_name='pointsproposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', ''), ('state', 'waiting')), models.Q(('decided_at__isnull', False), ('state__in', ['refused', 'withdrawn'])), models.Q(('decided_at__isnull', False), ('state', 'approved'), models.Q(('decided_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='points_proposal_state'),
        ),
    ]
