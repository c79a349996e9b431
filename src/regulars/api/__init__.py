"""The REST API: messages in, answers and problems out. One file a resource."""
