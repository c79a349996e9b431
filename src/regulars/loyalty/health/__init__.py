"""How the programme does: who takes part, who is active, what is earned and used, and what it costs."""
