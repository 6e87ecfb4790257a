"""Verification as a reward, and searches as training examples. Nothing here trains; docs/how-to/rewards.md shows TRL."""
