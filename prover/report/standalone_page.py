"""Pages that are one file: style, script and data inside, nothing fetched, shown from a disk or a mail alike."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

TEMPLATES = resources.files("prover.report") / "templates"
"""Their scripts are modules that a page of several files loads as they are (`prover.web.page`)."""
_PLACE = re.compile(r"\{\{ (\w+) \}\}")
_MODULE = re.compile(r"^import [^;]+;\n|^export ", re.MULTILINE)


def page(
    name: str,
    *,
    title: str,
    scripts: Sequence[str],
    styles: Sequence[str] = ("style",),
    parts: Mapping[str, str] | None = None,
    data: Any = None,
) -> str:
    """Fill the template folder `name`. `parts` are finished HTML, `title` is text, `data` is what the scripts read.

    `scripts` are modules and become one script in this order, so that no two of them may use a name at their top level
    for different things.

    The browser is told to run our script, known by its hash, and nothing else: whatever a statement, a message of
    the assistant or a model's tactic may contain, it stays text.
    """
    sources = (_template("dom.js"), _template("stopped.js"), *(_template(f"{name}/{script}.js") for script in scripts))
    script = '(() => {\n"use strict";\n' + _MODULE.sub("", "\n".join(sources)) + "})();"
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    filled = {
        **(parts or {}),
        "policy": f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'",
        "title": html.escape(title),
        "style": _template("page.css") + "".join(_template(f"{name}/{style}.css") for style in styles),
        "script": script,
        "data": script_data(data),
    }
    text = _PLACE.sub(lambda place: filled[place[1]], _template(f"{name}/page.html"))
    # A lone surrogate, which a statement in JSON can hold, has no place in a file.
    return text.encode("utf-8", "replace").decode("utf-8")


def script_data(value: Any) -> str:
    """Return JSON that is safe inside a script element: no `<`, so no tag and no comment can begin."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
