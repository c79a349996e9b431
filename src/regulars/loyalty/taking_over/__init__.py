"""Taking over another programme: reading what it said, and comparing it with this one while both run."""
