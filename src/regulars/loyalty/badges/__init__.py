"""Badges 勋章: what members are proud of. Rules give them, once to each member; they cannot be spent."""
