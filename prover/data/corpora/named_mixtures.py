"""Mixtures that have a name: the shares of the Llemma paper (arXiv 2310.10631, section 2.2 and appendix). No numpy."""

from __future__ import annotations

LLEMMA, PROOF_PILE_2 = "llemma", "proof-pile-2"

_PROOF_PILE_2 = {"arxiv": 2.0, "open-web-math": 4.0, "algebraic-stack": 1.0}
GENERAL = {"pile": 0.02, "github": 0.03}
"""General data, which is not part of Proof-Pile-2, as shares of all tokens."""

NAMED = {
    LLEMMA: {**{name: part / 7 * (1 - sum(GENERAL.values())) for name, part in _PROOF_PILE_2.items()}, **GENERAL},
    PROOF_PILE_2: _PROOF_PILE_2,
}
"""The weight of each source in the training tokens."""


def way_out(wanted: set[str], there: set[str]) -> str:
    """Return what to do where a corpus has all of the paper's mixture but general data; else nothing."""
    missing = wanted - there
    if wanted != NAMED[LLEMMA].keys() or not missing or not missing <= GENERAL.keys():
        return ""
    return (
        f". `prover data general DATA` brings {' and '.join(sorted(missing))}, the general data that is not part of "
        f"Proof-Pile-2; data.mixture={PROOF_PILE_2} does without"
    )
