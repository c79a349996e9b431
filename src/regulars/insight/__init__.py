"""The picture of every customer: features, segments, lifecycle, value and churn, as of a date, with reasons."""
