"""What the feed of facts hangs on: ids commit out of order, so each fact carries its transaction."""

from django.db import migrations

SQL = """
ALTER TABLE facts_fact
  ADD COLUMN epoch smallint NOT NULL DEFAULT 1,
  ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX fact_feed ON facts_fact (xid);
CREATE FUNCTION facts_fact_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'facts are never deleted';
  END IF;
  IF (NEW.id, NEW.source_id, NEW.kind, NEW.key, NEW.subject, NEW.occurred_at, NEW.business_date, NEW.amount, NEW.store_id,
      NEW.body, NEW.digest, NEW.batch_id, NEW.recorded_at, NEW.epoch, NEW.xid)
     IS DISTINCT FROM (OLD.id, OLD.source_id, OLD.kind, OLD.key, OLD.subject, OLD.occurred_at, OLD.business_date, OLD.amount,
      OLD.store_id, OLD.body, OLD.digest, OLD.batch_id, OLD.recorded_at, OLD.epoch, OLD.xid) THEN
    RAISE EXCEPTION 'facts are never changed';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER fact_stays BEFORE UPDATE OR DELETE ON facts_fact FOR EACH ROW EXECUTE FUNCTION facts_fact_stays();
"""
UNDO = """
DROP TRIGGER fact_stays ON facts_fact; DROP FUNCTION facts_fact_stays();
DROP INDEX fact_feed; ALTER TABLE facts_fact DROP COLUMN xid, DROP COLUMN epoch;
"""


class Migration(migrations.Migration):
    """Add the feed's columns and the trigger that keeps facts as they were told."""

    dependencies = [("facts", "0001_initial")]
    operations = [migrations.RunSQL(SQL, UNDO)]
