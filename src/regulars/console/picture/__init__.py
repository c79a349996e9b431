"""What the pages of the picture show: value, churn, models, groups of customers."""
