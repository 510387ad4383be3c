"""What callsafe knows: the rules, the vocabulary they judge, the SDK catalogue, the data rules."""
