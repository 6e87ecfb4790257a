from __future__ import annotations

import pytest

from prover.core.axioms import axioms_in_words
from prover.core.plurals import counted


@pytest.mark.parametrize(
    ("axioms", "with_library", "words"),
    [
        ((), False, "no axioms"),
        ((), True, "no axioms beyond the standard library"),
        (("propext",), False, "axioms: propext"),
        (("Quot.sound", "propext"), True, "axioms: Quot.sound, propext and those of the standard library"),
    ],
)
def test_axioms_in_words(axioms: tuple[str, ...], with_library: bool, words: str) -> None:
    assert axioms_in_words(axioms, with_library=with_library) == words


@pytest.mark.parametrize(("number", "words"), [(0, "0 steps"), (1, "1 step"), (1200, "1,200 steps")])
def test_number_with_its_noun(number: int, words: str) -> None:
    assert counted(number, "step") == words
