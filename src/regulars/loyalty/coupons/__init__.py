"""Coupons: offers on terms that never change, codes that nobody guesses, and uses that are counted exactly."""
