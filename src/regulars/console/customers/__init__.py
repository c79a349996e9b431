"""What a customer's page and the list of members show."""
