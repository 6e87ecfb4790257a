"""Verification as a reward, and searches as training examples. Nothing here trains; docs/rewards.md shows TRL."""
