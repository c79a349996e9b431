"""What happened: kinds of fact, the inbox, imports and connectors, and the feed that everything else follows."""
