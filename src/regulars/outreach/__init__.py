"""Reaching customers: campaigns, channels, deliveries, within consent and caps."""
