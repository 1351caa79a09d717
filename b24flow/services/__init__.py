"""Use cases as plain functions: each is one transaction, none speaks to the network inside it."""
