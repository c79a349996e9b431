"""Campaigns: drafted, tried dry, approved, run, measured, and answerable for everybody they did or did not reach."""
