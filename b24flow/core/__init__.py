"""The pure domain: documents, assignments, terms, roles. No I/O, no clock, no logging."""
