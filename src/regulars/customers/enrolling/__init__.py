"""Joining the programme: who, where, and what they agreed to."""
