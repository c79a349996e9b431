"""What another system's campaigns and coupons came to: matched with the orders, and no claim about causes."""
