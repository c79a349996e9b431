"""The simulator: other terms replayed over what really happened, beside the programme as it was."""
