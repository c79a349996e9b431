"""Hold-outs and what they prove: assignment, outcomes, uplift with its interval."""
