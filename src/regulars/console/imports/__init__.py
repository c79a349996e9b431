"""What the pages of imports say and ask."""
