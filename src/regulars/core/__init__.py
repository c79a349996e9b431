"""Pure Python that every room may use: money, time, ids, errors. No domain words, no Django."""
