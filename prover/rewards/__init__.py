"""Verification as a reward for learning, and searches as examples to learn from.

Nothing here trains anything; see docs/how-to/rewards.md for how it goes together with TRL.
"""
