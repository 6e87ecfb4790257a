"""Tactics for arithmetic, written from what the goal says: finite cases, residues, powers, gcd, witnesses, instances.

What Lean's one-line automation leaves open in competition problems is mostly finite or inductive. Each template looks
for its own shape of goal, computes what it needs (a bound, a period, a witness) by evaluating the goal's terms, and
writes a tactic in which Lean proves that again. A wrong guess costs a failed tactic and nothing else.

Each method has a file. `templates.py` lists all templates; a new one is added there. `shapes.py` reads what several of
them look for.
"""
