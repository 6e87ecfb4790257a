"""How much of an evaluation is in the training data."""
