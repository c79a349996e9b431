"""What the pages of coupons say and ask."""
