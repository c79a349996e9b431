"""The audit trail only grows: a trigger refuses to change or remove its rows."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION staff_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit trail cannot be changed.' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER staff_audit_only_grows BEFORE UPDATE OR DELETE ON staff_auditentry
    FOR EACH ROW EXECUTE FUNCTION staff_audit_refuse();
"""
BACKWARD = """
DROP TRIGGER staff_audit_only_grows ON staff_auditentry;
DROP FUNCTION staff_audit_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("staff", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
