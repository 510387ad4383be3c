"""Data rules for personal data: what must not be written down or sent."""
