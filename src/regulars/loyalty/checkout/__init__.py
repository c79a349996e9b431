"""Checkout: what a basket would earn and what could be taken off it; points held, captured, released, refunded."""
