"""Verification as a reward, and searches as training examples. No training here; docs/how-to/rewards.md shows TRL."""
