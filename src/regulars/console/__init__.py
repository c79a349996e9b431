"""The web console for staff."""
