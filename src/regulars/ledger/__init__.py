"""Points as double entry: accounts, transfers, lots, holds."""
