"""Reading files of rows: tables (what stands in them), columns (what they mean), values (what a cell says)."""
