"""What is sold, and where."""
