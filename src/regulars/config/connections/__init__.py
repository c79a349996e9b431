"""Connections to PostgreSQL as Django opens them, with a look instead of a question at each request."""
