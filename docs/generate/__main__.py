"""Write the generated parts of the documentation.

    python -m docs.generate            # after a change of a command, a setting, a route, a policy, a public name
    python -m docs.generate --check    # are they as they should be?

A page has such a part between `<!-- generated: NAME -->` and `<!-- end -->`; all else is written by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from docs.generate import command_line, models, policies, python, rest, settings

PAGES = Path(__file__).parent.parent
PARTS: Mapping[str, Callable[[], str]] = {
    "commands": command_line.commands,
    "settings": settings.settings,
    "routes": rest.routes,
    "schemas": rest.schemas,
    "names": python.names,
    "policies": policies.policies,
    "families": models.families,
    "prompts": models.prompts,
}
PART = re.compile(r"(<!-- generated: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def generated(page: str) -> str:
    """Return the page with its generated parts as they should be."""
    return PART.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n\n{found[4]}", page)


def stale() -> dict[Path, str]:
    """Return the pages that are not as they should be, with what they should be."""
    pages = {path: path.read_text(encoding="utf-8") for path in sorted(PAGES.rglob("*.md"))}
    return {path: new for path, page in pages.items() if (new := generated(page)) != page}


if __name__ == "__main__":
    found = stale()
    for path, page in found.items():
        print(path.relative_to(PAGES.parent))
        if "--check" not in sys.argv:
            path.write_text(page, encoding="utf-8")
    sys.exit(bool(found) and "--check" in sys.argv)
