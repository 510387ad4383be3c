"""How good a policy is on labelled data: precision, recall, F1, F2 and leaks per entity, against a baseline."""
