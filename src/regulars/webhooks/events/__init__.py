"""What is told: the kinds of event, and how each is made from what was recorded."""
