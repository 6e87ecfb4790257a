"""The arithmetic templates: this table is the place to add one.

A template is a function from a goal to tactics with weights. It yields nothing for goals that are not of its shape.
Write a new one in a file of its own in this folder, and give it a line in `TEMPLATES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prover.policies.arithmetic.additive import additive
from prover.policies.arithmetic.at_variables import at_variables, functional_equations
from prover.policies.arithmetic.beyond import beyond
from prover.policies.arithmetic.bezout import bezout
from prover.policies.arithmetic.certificates import certificates
from prover.policies.arithmetic.cleared_fractions import cleared_fractions
from prover.policies.arithmetic.coins import coins
from prover.policies.arithmetic.combinations import known_combinations
from prover.policies.arithmetic.common_divisors import common_divisors
from prover.policies.arithmetic.common_factors import common_factors
from prover.policies.arithmetic.compared_powers import compared_powers
from prover.policies.arithmetic.congruences import congruences
from prover.policies.arithmetic.descent import descent
from prover.policies.arithmetic.divisibility import divisibility
from prover.policies.arithmetic.divisor_induction import divisor_induction
from prover.policies.arithmetic.divisors import divisors
from prover.policies.arithmetic.eliminated_divisors import eliminated_divisors
from prover.policies.arithmetic.extremes import extremes
from prover.policies.arithmetic.factoring import factoring
from prover.policies.arithmetic.finite import finite
from prover.policies.arithmetic.finite_sets import finite_sets
from prover.policies.arithmetic.halving import halving
from prover.policies.arithmetic.instances import instances
from prover.policies.arithmetic.less_one import less_one
from prover.policies.arithmetic.linear_systems import rational_systems
from prover.policies.arithmetic.linear_witnesses import linear_witnesses
from prover.policies.arithmetic.midpoints import midpoints
from prover.policies.arithmetic.monotone import monotone
from prover.policies.arithmetic.polynomials import squares, zero_products
from prover.policies.arithmetic.positive_products import positive_products
from prover.policies.arithmetic.powers import powers
from prover.policies.arithmetic.powers_by_induction import powers_by_induction
from prover.policies.arithmetic.primality import primality
from prover.policies.arithmetic.prime_divisors import prime_divisors
from prover.policies.arithmetic.products import products
from prover.policies.arithmetic.quadratic_forms import quadratic_forms
from prover.policies.arithmetic.quotient_bounds import quotient_bounds
from prover.policies.arithmetic.rational_powers import rational_powers
from prover.policies.arithmetic.recurrences import recurrences
from prover.policies.arithmetic.remainders import chinese_remainders
from prover.policies.arithmetic.residues import residues
from prover.policies.arithmetic.roots import roots
from prover.policies.arithmetic.solving import solving
from prover.policies.arithmetic.splits import linear_splits, splits
from prover.policies.arithmetic.square_differences import square_differences
from prover.policies.arithmetic.vanishing_squares import vanishing_squares
from prover.policies.arithmetic.witnesses import witnesses
from prover.policies.terms import GoalView, Weighted

Template = Callable[[GoalView], Iterator[Weighted]]
"""Weights are at most 1; see `prover.policies.automation.priors` for how measurements replace them."""

TEMPLATES: dict[str, Template] = {
    "finite": finite,
    "split": splits,
    "linear split": linear_splits,
    "residues": residues,
    "congruences": congruences,
    "powers": powers,
    "powers by induction": powers_by_induction,
    "less one": less_one,
    "gcd": common_divisors,
    "known combination": known_combinations,
    "divisors": divisors,
    "roots": roots,
    "instances": instances,
    "witness": witnesses,
    "linear system": rational_systems,
    "signs": products,
    "squares": squares,
    "zero products": zero_products,
    "divisibility": divisibility,
    "at variables": at_variables,
    "functional equation": functional_equations,
    "additive function": additive,
    "monotone function": monotone,
    "recurrence": recurrences,
    "finite set": finite_sets,
    "extreme": extremes,
    "solved witness": solving,
    "chinese remainders": chinese_remainders,
    "coins": coins,
    "bezout": bezout,
    "sum of squares": quadratic_forms,
    "positive products": positive_products,
    "descent": descent,
    "divisor induction": divisor_induction,
    "primality": primality,
    "factoring": factoring,
    "prime divisor": prime_divisors,
    "square difference": square_differences,
    "eliminated divisors": eliminated_divisors,
    "certificates": certificates,
    "common factor": common_factors,
    "linear witness": linear_witnesses,
    "compared powers": compared_powers,
    "quotient bounds": quotient_bounds,
    "midpoint": midpoints,
    "beyond": beyond,
    "cleared fractions": cleared_fractions,
    "rational powers": rational_powers,
    "halving": halving,
    "vanishing squares": vanishing_squares,
}
"""Every template, by the name that records and reports give as the source of its tactics."""
