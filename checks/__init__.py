"""At rest: source in, findings out."""
