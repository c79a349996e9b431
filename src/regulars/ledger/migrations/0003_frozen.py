from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_transfers_stay")]

    operations = [
        migrations.AddField(
            model_name="lot",
            name="frozen",
            field=models.BooleanField(
                default=False, db_default=False, help_text="while the account is, what is pending does not mature"
            ),
        ),
        migrations.AlterField(
            model_name="lot",
            name="frozen",
            field=models.BooleanField(
                default=False, help_text="while the account is, what is pending does not mature"
            ),
        ),
        migrations.RemoveIndex(model_name="lot", name="lot_maturing"),
        migrations.AddIndex(
            model_name="lot",
            index=models.Index(
                fields=["effective_at"],
                name="lot_maturing",
                condition=Q(matured=False, frozen=False, remaining__gt=0),
            ),
        ),
    ]
