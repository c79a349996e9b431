"""The sums behind the picture: Ibis over the lake, numpy and scikit-learn on summaries. Knows no Django."""
