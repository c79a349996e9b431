"""The composition root: settings, addresses, the embedded database, the command line. Not a room."""
