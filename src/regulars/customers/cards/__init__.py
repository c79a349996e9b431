"""The card that a member shows: a code that changes every half minute and counts once."""
