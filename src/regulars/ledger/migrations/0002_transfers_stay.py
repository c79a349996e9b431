"""Transfers are never changed and never deleted: the database refuses, whoever asks. Wallets get room for updates."""

from django.db import migrations

SQL = """
CREATE FUNCTION ledger_transfer_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'transfers are never changed or deleted; post a correction';
END $$;
CREATE TRIGGER transfer_stays BEFORE UPDATE OR DELETE ON ledger_transfer
  FOR EACH ROW EXECUTE FUNCTION ledger_transfer_stays();
ALTER TABLE ledger_wallet SET (fillfactor = 60);
"""
UNDO = "ALTER TABLE ledger_wallet RESET (fillfactor); DROP TRIGGER transfer_stays ON ledger_transfer; DROP FUNCTION ledger_transfer_stays();"


class Migration(migrations.Migration):
    """Add the trigger."""

    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL(SQL, UNDO)]
