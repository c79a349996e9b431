"""Segments: named choices of customers in the condition language, who is in them since when, and why."""
