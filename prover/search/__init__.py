"""Search over proof states."""
