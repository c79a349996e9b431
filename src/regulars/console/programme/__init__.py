"""What the pages of the programme say and ask."""
