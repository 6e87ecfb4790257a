"""How much of a test set is in the training data."""
