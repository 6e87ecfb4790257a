"""The REST interface, from its OpenAPI description."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from docs.generate.markdown import joined, table
from prover.assembly.service import open_clients, open_services, with_redis
from prover.settings import Settings
from prover.web.app import create_app

NO_REDIS = "redis://localhost:1"
"""Describing the interface connects to nothing."""


@cache
def openapi() -> dict[str, Any]:
    """Return the description of the service with its default settings."""
    return asyncio.run(_described(with_redis(Settings(), NO_REDIS)))


async def _described(settings: Settings) -> dict[str, Any]:
    async with open_services(settings) as services, open_clients(settings) as routers:
        return create_app(services, routers=routers).openapi()


def routes() -> str:
    """Return a section for each route."""
    return joined(
        part
        for path, operations in openapi()["paths"].items()
        for method, operation in operations.items()
        for part in _route(f"{method.upper()} {path}", operation)
    )


def _route(name: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {name}"
    yield operation.get("description", "")
    if "requestBody" in operation:
        forms = operation["requestBody"]["content"].items()
        yield "Takes " + " or ".join(f"{_type(form['schema'])} (`{media}`)" for media, form in forms) + "."
    yield table(
        ("parameter", "in", "type", "default", "meaning"),
        (
            (f"`{each['name']}`", each["in"], _type(each["schema"]), _default(each["schema"]), _meaning(each))
            for each in operation.get("parameters", ())
        ),
    )
    answers = {status: answer for status, answer in operation["responses"].items() if "X" not in status}
    yield table(("status", "answer", ""), ((status, *_answer(answer)) for status, answer in answers.items()))


def _answer(answer: Mapping[str, Any]) -> tuple[str, str]:
    forms = [_type(form.get("schema", {})) for form in answer.get("content", {}).values()]
    described = answer.get("description", "")
    return " or ".join(filter(None, forms)), "" if described == "Successful Response" else described


def _meaning(parameter: Mapping[str, Any]) -> str:
    described: str = parameter.get("description") or parameter["schema"].get("description", "")
    return described


def schemas() -> str:
    """Return a section for each object that requests and answers are made of."""
    return joined(
        part for name, schema in sorted(openapi()["components"]["schemas"].items()) for part in _schema(name, schema)
    )


def _schema(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {name}"
    yield schema.get("description", "")
    if "enum" in schema:
        yield "One of " + ", ".join(f"`{value}`" for value in schema["enum"]) + "."
    required = schema.get("required", ())
    yield table(
        ("member", "type", "default", "meaning"),
        (
            (f"`{member}`", _type(inner), _default(inner, required=member in required), inner.get("description", ""))
            for member, inner in schema.get("properties", {}).items()
        ),
    )


def _default(schema: Mapping[str, Any], *, required: bool = False) -> str:
    if "default" not in schema:
        return "required" if required else ""
    value = schema["default"]
    return json.dumps(value) if value is None or isinstance(value, str | bool | int | float) else ""


def _type(schema: Mapping[str, Any]) -> str:
    """Return what a value is, with a link where it is an object of its own."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(_type(each) for each in schema[several]))
    if "enum" in schema or "const" in schema:
        return " or ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"map to {_type(schema['additionalProperties'])}"
    return str(schema.get("type", "any"))
