"""What the first page shows, in a large shop and in a small one."""
