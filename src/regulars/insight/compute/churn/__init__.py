"""Churn: who is about to leave, why, and where in their time as a customer people leave."""
