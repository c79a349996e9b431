"""Words that staff, rules and models hang on customers, each with who did it, when, and until when."""
