"""How members join and sign in, and the card they show."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """How members join and sign in, and the card they show."""

    dependencies = [("customers", "0002_consent")]  # noqa: RUF012
    operations = [  # noqa: RUF012
        migrations.CreateModel(
            name='JoinCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=12, unique=True)),
                ('place', models.CharField(max_length=10)),
                ('store', models.CharField(blank=True, max_length=200)),
                ('label', models.CharField(blank=True, max_length=60)),
                ('user_id', models.BigIntegerField(null=True)),
                ('made_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('place__in', ['store', 'table', 'staff'])), name='join_code_place')],
            },
        ),
        migrations.CreateModel(
            name='MemberCard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('opened_at', models.DateTimeField()),
                ('customer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
            ],
        ),
        migrations.CreateModel(
            name='MemberSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('device', models.CharField(blank=True, max_length=60)),
                ('way', models.CharField(max_length=10)),
                ('opened_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
            ],
        ),
        migrations.CreateModel(
            name='MemberText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=10)),
                ('version', models.IntegerField()),
                ('zh', models.TextField()),
                ('en', models.TextField(blank=True)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'version'), name='member_text_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['charter', 'privacy']), ('version__gte', 1)), name='member_text_kind')],
            },
        ),
        migrations.CreateModel(
            name='SignInCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attempt_hash', models.CharField(max_length=64, unique=True)),
                ('contact', models.TextField(blank=True)),
                ('purpose', models.CharField(max_length=10)),
                ('language', models.CharField(blank=True, max_length=10)),
                ('code_hash', models.CharField(blank=True, max_length=64)),
                ('asked_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('wrong', models.SmallIntegerField(default=0)),
                ('used_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['expires_at'], name='sign_in_code_expires')],
                'constraints': [models.CheckConstraint(condition=models.Q(('wrong__gte', 0), ('wrong__lte', 5)), name='sign_in_code_tries'), models.CheckConstraint(condition=models.Q(('purpose__in', ['sign_in', 'join'])), name='sign_in_code_purpose')],
            },
        ),
        migrations.CreateModel(
            name='SignInLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.CharField(max_length=200)),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer')),
            ],
        ),
        migrations.CreateModel(
            name='Enrolment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('place', models.CharField(max_length=10)),
                ('store', models.CharField(blank=True, max_length=200)),
                ('actor', models.CharField(blank=True, max_length=200)),
                ('charter', models.IntegerField()),
                ('privacy', models.IntegerField()),
                ('guardian', models.CharField(blank=True, max_length=200)),
                ('customer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer')),
                ('join_code', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.joincode')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('place__in', ['web', 'store', 'table', 'staff', 'till'])), name='enrolment_place')],
            },
        ),
        migrations.CreateModel(
            name='CardUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('window', models.BigIntegerField()),
                ('key', models.CharField(max_length=100)),
                ('by', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField()),
                ('card', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.membercard')),
            ],
            options={
                'indexes': [models.Index(fields=['at'], name='card_use_at')],
                'constraints': [models.UniqueConstraint(fields=('card', 'window'), name='card_token_once')],
            },
        ),
    ]
