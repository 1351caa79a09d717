"""The chat bot: buttons and words of people become use cases, answers go out through the outbox."""
