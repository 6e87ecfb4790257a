"""The settings, from their pydantic models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from docs.generate.markdown import joined, summary, table
from prover.settings import PREFIX, Settings

PLACES = {"cache_dir": "the user's cache directory", "data_dir": "the user's data directory"}
"""Defaults that depend on the machine."""


def settings() -> str:
    """Return a table for the settings of prover itself and one for each of its sections."""
    own = {name: field for name, field in Settings.model_fields.items() if _section(field) is None}
    return joined([_table(own, PREFIX), *_sections()])


def _sections() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        section = _section(field)
        if section is not None:
            yield f"## `{PREFIX}{name.upper()}__`"
            yield summary(section.__doc__)
            yield _table(section.model_fields, f"{PREFIX}{name.upper()}__")


def _section(field: FieldInfo) -> type[BaseModel] | None:
    inner = field.annotation
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def _table(fields: Mapping[str, FieldInfo], prefix: str) -> str:
    rows = [
        (f"`{prefix}{name.upper()}`", _default(name, field), _takes(field), field.description or "")
        for name, field in fields.items()
    ]
    return table(("name", "default", "takes", "meaning"), rows)


def _default(name: str, field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return PLACES[name]
    value = field.default
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, float) and value < 1e6 else f"`{value}`"


def _takes(field: FieldInfo) -> str:
    """Return the values that are allowed, where they are few or have bounds."""
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(field.annotation))
    if field.annotation is bool:
        return "`true`, `false`"
    bounds: dict[type, Any] = {type(each): each for each in field.metadata}
    least = f"≥ {bounds[Ge].ge:g}" if Ge in bounds else f"> {bounds[Gt].gt:g}" if Gt in bounds else ""
    most = f"≤ {bounds[Le].le:g}" if Le in bounds else ""
    return ", ".join(filter(None, (least, most)))
