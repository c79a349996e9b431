"""Telling other systems what happened: endpoints, events, and deliveries that are tried until they arrive."""
