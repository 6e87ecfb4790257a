"""A proof that was found, made shorter: steps that do nothing go, and the simplest tactic that closes a goal stays.

Every change is tried in the session that found the proof, within a bounded effort. What comes out is verified as a
whole like any other proof; if that fails, the proof stays as it was found.
"""
