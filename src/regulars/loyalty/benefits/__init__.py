"""Benefits 权益: what a tier gives besides points, how often, and each use of it."""
