"""The visual builder of conditions: rows of a form, and the tree that they mean.

Two levels of groups are rows to be edited; what lies deeper stands there as a sentence. The server draws the builder
from the form's own fields, so that every change is a request and nothing is known in the browser alone.
"""
