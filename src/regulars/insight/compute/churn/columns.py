"""Which columns churn models look at, out of the features; what a feature set does not have is left out.

A short list of what a shop owner would ask about. Columns that say nearly the same as one in the list stay out: they
would share its weight, and the reasons would split into halves that pull against each other. (Days of silence, say, are
the ratio times the usual gap.)
"""

SILENCE = "silence_ratio"
NUMBERS = (
    SILENCE,
    "usual_gap_days",
    "purchase_days_365",
    "buying_days",
    "spend_trend",
    "average_order_minor",
    "categories",
    "returned_share",
    "discounted_orders_share",
    "redeemed_share",
)
CHOICES = ("main_channel",)
MODELLED = NUMBERS + CHOICES

SHOWN = {SILENCE: "recency_days"}
"""Columns of which a sentence shows another one, that the reader can count."""
COMPANIONS = {SILENCE: "usual_gap_days"}
"""The number that a sentence about a column needs beside it."""
BASIS = {SILENCE: "usual_gap_basis", "usual_gap_days": "usual_gap_basis"}
"""The word beside a number: whose gap it is, the customer's 'own' or that of the 'shop'."""
RHYTHM = ("recency_days", "purchase_days", "buying_days", "usual_gap_days", SILENCE)
"""Columns without which nothing can be said at all."""
