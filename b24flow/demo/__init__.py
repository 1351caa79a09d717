"""The demonstration: invented letters, and people who act through the same pages and chat as anybody."""
