"""The command line: nouns, then verbs. Everything heavy is imported inside the commands."""
