"""Every cap, quota, budget and stock counter: one mechanism for all of them."""
