"""Every trace: what was considered for whom, chosen, held out or suppressed, and why."""
