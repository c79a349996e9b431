"""Measures against the promises: ratios within one run, as JSON and a table."""
