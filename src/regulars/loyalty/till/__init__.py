"""The till: what a cashier does for a guest, once each, and how the last of it is undone."""
