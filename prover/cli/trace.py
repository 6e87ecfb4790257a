"""The files that `prove` leaves of a search: its trace as data and as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prover.cli.read import check_writable, write_text
from prover.core.record import ProofRecord

if TYPE_CHECKING:
    from prover.search.events import EventListener
    from prover.search.trace import SearchTrace


class TraceFiles:
    """Writes what was asked for, whatever became of the search."""

    def __init__(self, theorem: str, *, page: str | None, data: str | None) -> None:
        """Raises click.ClickException if a file cannot be written: better now than after an hour."""
        self._theorem, self._page, self._data = theorem, page, data
        self._trace: SearchTrace | None = None
        for path in filter(None, (page, data)):
            check_writable(path)

    @property
    def wanted(self) -> bool:
        """Is anything to be written?"""
        return bool(self._page or self._data)

    def with_listener(self, listener: EventListener) -> EventListener:
        """Return a listener that also records, if anything is to be written."""
        if not self.wanted:
            return listener
        from prover.search.events import each_of
        from prover.search.trace import SearchTrace

        self._trace = SearchTrace(self._theorem)
        return each_of(listener, self._trace)

    def write(self, record: ProofRecord | None) -> list[str]:
        """Write the files. Returns their paths. Raises click.ClickException if that fails after all."""
        if not self.wanted:
            return []
        from prover.report.tree import tree_page
        from prover.search.trace import SearchTrace

        tree = (self._trace or SearchTrace(self._theorem)).tree(record)
        if self._data:
            write_text(self._data, tree.to_json())
        if self._page:
            write_text(self._page, tree_page(tree))
        return [path for path in (self._page, self._data) if path]
