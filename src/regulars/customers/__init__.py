"""Customers, the names they are known by, and which of them are the same person."""
