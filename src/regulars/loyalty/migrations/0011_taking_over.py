import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0002_consent'),
        ('loyalty', '0010_risk'),
    ]

    operations = [
        migrations.CreateModel(
            name='ParallelRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=100)),
                ('as_of', models.DateField()),
                ('file_name', models.CharField(max_length=255)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.CharField(blank=True, max_length=200)),
                ('compared', models.JSONField(default=list)),
                ('rows', models.IntegerField(default=0)),
                ('refused', models.IntegerField(default=0)),
                ('problems', models.JSONField(default=list, help_text='[code, count, first rows] of rows that could not be read')),
                ('agree', models.IntegerField(default=0)),
                ('differ', models.IntegerField(default=0)),
                ('only_old', models.IntegerField(default=0)),
                ('only_new', models.IntegerField(default=0)),
                ('old_points', models.BigIntegerField(default=0)),
                ('new_points', models.BigIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['-as_of', '-id'], name='parallel_run_day')],
            },
        ),
        migrations.CreateModel(
            name='ParallelDifference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=8)),
                ('row', models.IntegerField(null=True)),
                ('number', models.CharField(blank=True, max_length=200)),
                ('what', models.SmallIntegerField(default=0)),
                ('old_points', models.BigIntegerField(null=True)),
                ('new_points', models.BigIntegerField(null=True)),
                ('old_growth', models.BigIntegerField(null=True)),
                ('new_growth', models.BigIntegerField(null=True)),
                ('old_tier', models.SmallIntegerField(null=True)),
                ('new_tier', models.SmallIntegerField(null=True)),
                ('expiries', models.JSONField(default=list)),
                ('reason', models.CharField(max_length=20)),
                ('size', models.BigIntegerField(default=0, help_text='how far apart the points are: what lists are sorted by')),
                ('customer', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='loyalty.parallelrun')),
            ],
            options={
                'indexes': [models.Index(fields=['run', 'kind', '-size', 'id'], name='parallel_difference_run')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ('differ', 'only_old', 'only_new'))), name='parallel_difference_kind'), models.CheckConstraint(condition=models.Q(models.Q(('customer', None), ('kind', 'only_old')), models.Q(('kind', 'only_old'), _negated=True), _connector='OR'), name='parallel_difference_known')],
            },
        ),
    ]
