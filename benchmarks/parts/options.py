"""Options of all parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prover.environments.lean_wasm.install import Installation, Snapshot

TACTIC_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Options:
    """How to run. `quick`: a tenth of the work, to check that everything runs; its figures mean little."""

    installation: Installation
    seed: int
    quick: bool
    stock: bool
    say: Callable[[str], None]

    def times(self, full: int) -> int:
        """Return the repetitions, `full` unless quick."""
        return max(2, full // 10) if self.quick else full


class WithoutSnapshots(Installation):
    """The same installation without a heap snapshot: Lean initialises itself and imports."""

    __slots__ = ()

    def snapshot(self, imports: tuple[str, ...]) -> Snapshot:
        """Return a snapshot that does not exist."""
        return Snapshot(*(self.folder / f"none.heap{suffix}" for suffix in ("", ".json", ".axioms")))
