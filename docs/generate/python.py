"""The public Python names, from the package."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel

import prover
from docs.generate.markdown import joined, table

GROUPS = {
    "Calls": ("prove", "aprove", "verify"),
    "Proof assistants": ("Lean", "LeanProject", "Isabelle", "Prover", "AsyncProver", "Settings"),
    "Sessions": ("Session", "AsyncSession"),
    "Statements and states": ("Theorem", "OpenedTheorem", "ProofState", "Goal", "Hypothesis"),
    "Outcomes": ("TacticOutcome", "Advanced", "Closed", "Rejected", "GaveUp", "TimedOut"),
    "Limits": ("SearchBudget", "Limits", "Limit", "StopReason"),
    "Results": (
        *("ProofRecord", "SearchResult", "SearchStatistics", "Verification", "TheoremVerdict", "Message"),
        *("UnfinishedProof", "Advice", "FillReport", "HoleReport", "Suggestions", "Suggestion", "Outcome"),
    ),
    "To implement": ("TacticGenerator", "TheoremAware", "ProofEnvironment", "ProofSession"),
    "For policies": ("Proposal", "TacticCandidate", "ScriptedPolicy"),
}
"""Where each name stands. Errors are found, and whatever is not named here comes last."""


def names() -> str:
    """Return a section for each public name."""
    public = [name for name in prover.__all__ if name != "__version__"]
    errors = [name for name in public if _is_error(getattr(prover, name))]
    placed = {name for group in GROUPS.values() for name in group} | set(errors)
    groups: dict[str, list[str]] = {
        title: [each for each in group if each in public] for title, group in GROUPS.items()
    }
    groups["Errors"] = errors
    groups["Others"] = [name for name in public if name not in placed]
    return joined(
        part
        for title, group in groups.items()
        if group
        for part in (f"## {title}", *(section for name in group for section in _name(name, getattr(prover, name))))
    )


def _is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Exception)


def _name(name: str, value: Any) -> Iterator[str]:
    yield f"### `{name}`"
    if inspect.isfunction(value):
        yield _code(_signature(name, value))
        yield _prose(value.__doc__)
    elif isinstance(value, type):
        yield from _class(name, value)
    else:
        yield _code(f"{name} = {_plain(value)}")


def _class(name: str, value: type) -> Iterator[str]:
    if _is_error(value):
        yield f"A `{value.__bases__[0].__name__}`."
    elif "__init__" in vars(value) and not _is_data(value):
        yield _code(_signature(name, vars(value)["__init__"]))
    yield _prose(value.__doc__ if _is_written(value) else None)
    if "__init__" in vars(value) and not _is_data(value):
        yield _prose(vars(value)["__init__"].__doc__)
    if inherited := [f"`{base.__name__}`" for base in value.__mro__[1:] if _is_public(base) and not _is_error(value)]:
        yield f"Has all that {' and '.join(inherited)} has."
    yield _members(value)
    for member, called in _methods(value):
        yield f"#### `{name}.{member}`"
        yield _code(_signature(member, called))
        yield _prose(called.__doc__)


def _is_data(value: type) -> bool:
    return dataclasses.is_dataclass(value) or issubclass(value, BaseModel)


def _is_written(value: type) -> bool:
    """Did somebody write its docstring? A dataclass without one has its signature there."""
    return not (value.__doc__ or "").startswith(f"{value.__name__}(")


def _members(value: type) -> str:
    """Return the data that an object has, and its properties."""
    rows = []
    if issubclass(value, BaseModel):
        for member, field in value.model_fields.items():
            rows.append((member, _annotation(value, member), _default(field.default), field.description or ""))
    elif dataclasses.is_dataclass(value):
        rows += [(field.name, _plain(field.type), _default(field.default), "") for field in dataclasses.fields(value)]
    elif hasattr(value, "__required_keys__"):  # a TypedDict
        rows += [(member, _annotation(value, member), "", "") for member in value.__annotations__]
    for member, found in _public(value):
        if isinstance(found, property) and found.fget is not None:
            returned = _plain(found.fget.__annotations__.get("return", ""))
            rows.append((member, returned, "", inspect.cleandoc(found.__doc__ or "")))
    written = ((f"`{member}`", f"`{kind}`", default, meaning) for member, kind, default, meaning in rows)
    return table(("member", "type", "default", "meaning"), written)


def _default(value: object) -> str:
    """Return a default that can be written in a word."""
    plain = value is None or isinstance(value, str | bool | int | float) or value == ()
    return f"`{value!r}`" if plain else ""


def _annotation(value: type, member: str) -> str:
    """Return the annotation of a member as it was written."""
    for base in value.__mro__:
        written = inspect.get_annotations(base)
        if member in written:
            found = written[member]
            return _plain(getattr(found, "__forward_arg__", found))
    return ""


def _methods(value: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    for member, found in _public(value):
        called = found.__func__ if isinstance(found, classmethod | staticmethod) else found
        if inspect.isfunction(called):
            yield member, called


def _is_public(value: type) -> bool:
    return value.__name__ in prover.__all__ and getattr(prover, value.__name__) is value


def _public(value: type) -> Iterator[tuple[str, Any]]:
    """Yield what a class and its bases of ours define; bases that are public have their own section."""
    seen = set()
    for base in value.__mro__:
        if base.__module__.startswith("prover.") and (base is value or not _is_public(base)):
            for member, found in vars(base).items():
                if not member.startswith("_") and member not in seen:
                    seen.add(member)
                    yield member, found


def _signature(name: str, called: Callable[..., Any]) -> str:
    """Return how something is called, a line each parameter where one line is too long."""
    signature = inspect.signature(called)
    parameters = [each for each in signature.parameters.values() if each.name not in ("self", "cls")]
    starred = any(each.kind is inspect.Parameter.VAR_POSITIONAL for each in parameters)
    written = []
    for parameter in parameters:
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and not starred:
            written.append("*")
            starred = True
        written.append(_parameter(parameter))
    returns = ""
    if signature.return_annotation is not inspect.Signature.empty and called.__name__ != "__init__":
        returns = f" -> {_plain(signature.return_annotation)}"
    prefix = "async " if inspect.iscoroutinefunction(called) else ""
    line = f"{prefix}{name}({', '.join(written)}){returns}"
    return line if len(line) <= 100 else f"{prefix}{name}(\n    " + ",\n    ".join(written) + f",\n){returns}"


def _parameter(parameter: inspect.Parameter) -> str:
    stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}
    written = stars.get(parameter.kind.name, "") + parameter.name
    if parameter.annotation is not inspect.Parameter.empty:
        written += f": {_plain(parameter.annotation)}"
    if parameter.default is not inspect.Parameter.empty:
        written += f" = {parameter.default!r}"
    return written


def _plain(annotation: object) -> str:
    """Return an annotation without the modules that are noise to a reader."""
    return re.sub(r"(?<![\w.])(?:[A-Za-z_]\w*\.)+(?=[A-Za-z_])", "", str(annotation))


def _code(text: str) -> str:
    return f"```py\n{text}\n```"


def _prose(docstring: str | None) -> str:
    """Return a docstring; what is set in, such as the list of what is raised, becomes a list."""
    lines = []
    for line in inspect.cleandoc(docstring or "").splitlines():
        lines.append(f"- {line.strip()}" if line.startswith("    ") and not line.startswith("     ") else line.strip())
    return "\n".join(lines)
