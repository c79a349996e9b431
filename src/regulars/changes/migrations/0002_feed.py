"""What the feed of changes hangs on: each carries its transaction, as facts do."""

from django.db import migrations

SQL = """
ALTER TABLE changes_change
  ADD COLUMN epoch smallint NOT NULL DEFAULT 1,
  ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  ADD COLUMN at timestamptz NOT NULL DEFAULT now();
CREATE INDEX change_feed ON changes_change (xid);
"""
UNDO = """
DROP INDEX change_feed; ALTER TABLE changes_change DROP COLUMN xid, DROP COLUMN epoch, DROP COLUMN at;
"""


class Migration(migrations.Migration):
    """Add the feed's columns."""

    dependencies = [("changes", "0001_initial")]
    operations = [migrations.RunSQL(SQL, UNDO)]
