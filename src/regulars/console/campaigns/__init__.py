"""What the pages of campaigns say and ask: forms, words, figures, traces."""
