"""What terms of the programme promise, in sentences, in the language that is active."""
