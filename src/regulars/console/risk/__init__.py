"""What the pages of risk control show."""
