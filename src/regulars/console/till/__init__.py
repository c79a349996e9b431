"""What the till shows: who the guest is, what they have, and what a step comes to."""
