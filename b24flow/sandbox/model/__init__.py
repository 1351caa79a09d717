"""What the portal remembers and the rules by which people and REST change it.

REST handlers and the portal page call the same functions here, so a change made by a person and
one made by an integration leave the same history and raise the same bot events.
"""
