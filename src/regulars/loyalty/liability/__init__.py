"""What the programme owes: points by vintage, how many will never be used, and the revenue deferred for them."""
