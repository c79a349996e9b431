"""What other rooms changed, as a feed: the rows that each transaction wrote, for whoever follows."""
