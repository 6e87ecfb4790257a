"""The files that `prove` leaves of a search: its trace as data and as a page."""

from __future__ import annotations

from prover.cli.read import check_writable, write_text
from prover.core.record import ProofRecord
from prover.report.tree import tree_page
from prover.search.events import EventListener, each_of
from prover.search.trace import SearchTrace


class TraceFiles:
    """Writes what was asked for, whatever became of the search."""

    def __init__(self, theorem: str, *, page: str | None, data: str | None) -> None:
        """Raises click.ClickException if a file cannot be written: better now than after an hour."""
        self._page, self._data = page, data
        self._trace = SearchTrace(theorem)
        for path in filter(None, (page, data)):
            check_writable(path)

    def with_listener(self, listener: EventListener) -> EventListener:
        """Return a listener that also records, if anything is to be written."""
        return each_of(listener, self._trace) if self._page or self._data else listener

    def write(self, record: ProofRecord | None) -> list[str]:
        """Write the files. Returns their paths. Raises click.ClickException if that fails after all."""
        if not (self._page or self._data):
            return []
        tree = self._trace.tree(record)
        if self._data:
            write_text(self._data, tree.to_json())
        if self._page:
            write_text(self._page, tree_page(tree))
        return [path for path in (self._page, self._data) if path]
