"""Who works here and what they may do: people, roles, API keys, the audit trail, and the business itself."""
