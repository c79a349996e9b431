"""The member's own pages: preferences and unsubscribing first."""
