"""Messages to single customers, from the queue to their end; each at most once."""
