r"""Steps for `obtains`, whose goal is `(\<And>k. n = k + 4 \<Longrightarrow> thesis) \<Longrightarrow> thesis`.

`atomize_elim` makes `\<exists>k. n = k + 4` of it, which methods for existence know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_GOAL = re.compile(r"\\<Longrightarrow>\s+thesis\s*\Z|==>\s+thesis\s*\Z")
METHODS = (
    ("presburger", 0.3),
    ("auto", 0.25),
    ("blast", 0.2),
    ("metis", 0.1),
    ("arith", 0.1),
    ("fastforce", 0.1),
    ("(auto simp: dvd_def)", 0.08),
)


def steps_of_obtaining(goal: str, *, assumes: bool) -> Iterator[tuple[str, float]]:
    """Yield steps for a goal that `obtains` has made; none for another. `assumes`: there are assumptions to use."""
    if not _GOAL.search(goal):
        return
    for method, weight in METHODS:
        with_assumptions = rf"(use assms in \<open>{method.strip('()')}\<close>)"
        yield f"by atomize_elim {with_assumptions if assumes else method}", weight
