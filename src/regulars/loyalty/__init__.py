"""The programme: the fold that rates facts, tiers, and commands on points."""
