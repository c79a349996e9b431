"""What the pages of rewards say and ask."""
