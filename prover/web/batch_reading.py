"""The theorems of a batch as tasks, and everything that is wrong with them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from pydantic import ValidationError

from prover.core.plurals import counted
from prover.errors import BeyondLimitError, InvalidTheoremError
from prover.jobs.job import ProofTask
from prover.web.problems import Fault, PayloadError
from prover.web.schemas import BatchItem, BatchOptions
from prover.web.services import Services
from prover.web.submitting import task_of

Place = tuple[str | int, ...]


@dataclass(slots=True)
class BatchReading:
    """Reads theorems one after the other. After the first that cannot be used it goes on for the faults alone."""

    options: BatchOptions
    services: Services
    faults: list[Fault] = field(default_factory=list)
    unreadable: bool = True
    """Is all that is wrong that lines are not JSON?"""
    _named: dict[str, str] = field(default_factory=dict, init=False)
    _read: int = field(default=0, init=False)

    async def of_lines(self, lines: AsyncIterator[tuple[int, bytes]]) -> AsyncIterator[ProofTask]:
        """Give the tasks of JSON Lines."""
        async for number, line in lines:
            try:
                item = BatchItem.model_validate_json(line)
            except ValidationError as error:
                self._count(("line", number))
                self.faults += _faults(error, ("line", number))
                self.unreadable &= _is_unreadable(error)
            else:
                if task := self._task(item, ("line", number)):
                    yield task

    async def of_problems(self, problems: tuple[BatchItem, ...]) -> AsyncIterator[ProofTask]:
        """Give the tasks of a JSON body."""
        for number, problem in enumerate(problems):
            if task := self._task(problem, ("problems", number)):
                yield task

    def raise_faults(self) -> None:
        """Raise PayloadError if anything could not be used, with all of it."""
        if self.faults:
            raise _refused(self.faults, unreadable=self.unreadable)

    def _task(self, item: BatchItem, place: Place) -> ProofTask | None:
        self._count(place)
        try:
            task = task_of(
                self.options,
                self.services,
                statement=item.statement,
                header=item.header,
                informal=item.informal,
                name=item.name,
                forbid=item.forbid,
                events=self.options.record,
            )
        except InvalidTheoremError as error:
            self._add(place, error.reason)
            return None
        if item.name and (first := self._named.setdefault(item.name, _where(place))) != _where(place):
            self._add((*place, "name"), f"{item.name!r} is the name of {first}, too: results are told by it")
        return None if self.faults else task

    def _count(self, place: Place) -> None:
        self._read += 1
        if self._read > (most := self.services.limits.batch):
            raise BeyondLimitError(f"a batch has at most {most:,} theorems here", place=place)

    def _add(self, place: Place, reason: str) -> None:
        self.unreadable = False
        self.faults.append(_fault(place, reason))


def refusal_of(error: ValidationError) -> PayloadError:
    """Return the error for a body that is not a batch."""
    return _refused(_faults(error, ()), unreadable=_is_unreadable(error))


def _faults(error: ValidationError, place: Place) -> list[Fault]:
    return [_fault((*place, *found["loc"]), found["msg"]) for found in error.errors()]


def _fault(place: Place, reason: str) -> Fault:
    return Fault(place=["body", *place], reason=f"{_where(place) or 'body'}: {reason}")


def _is_unreadable(error: ValidationError) -> bool:
    return all(found["type"] == "json_invalid" for found in error.errors())


def _refused(faults: list[Fault], *, unreadable: bool) -> PayloadError:
    many = f"{counted(len(faults), 'error')}, the first: " if faults[1:] else ""
    return PayloadError(400 if unreadable else 422, f"{many}{faults[0].reason}", faults=faults)


def _where(place: Place) -> str:
    return ".".join(map(str, place))
