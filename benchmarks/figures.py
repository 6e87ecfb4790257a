"""Put the tables of `results/*.json` into README.md, below its line `## Figures`.

python -m benchmarks.figures
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.report import RESULTS

README = Path(__file__).parent / "README.md"
HEADING = "## Figures\n"


def table(result: dict[str, Any]) -> str:
    """Return one result as a Markdown table with its conditions."""
    lines = ["| what | median (least to most) | target | met? |", "|---|---|---|---|"]
    for row in result["rows"]:
        digits = row["digits"]
        middle, least, most = (f"{row[name]:.{digits}f}" for name in ("median", "least", "most"))
        spread = f" ({least} to {most}, n = {row['count']})" if row["count"] > 1 else ""
        bound = "at most" if row["better"] == "lower" else "at least"
        target = "" if row["target"] is None else f"{bound} {row['target']:g} {row['unit']}".strip()
        met = {None: "", True: "yes", False: "**no**"}[row["met"]]
        lines.append(f"| {row['what']} | {middle} {row['unit']}{spread} | {target} | {met} |")
    machine, about = result["hardware"], []
    about.append(f"`{result['command']}`, {result['date'][:10]}, commit {result['commit']}")
    about.append(
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB, load {machine['load']} before"
    )
    about.append(", ".join(f"{name} {version}" for name, version in result["versions"].items()))
    return "\n".join([*lines, "", "; ".join(about) + ".", *(f"Note: {note}." for note in result["notes"])])


def main() -> None:
    """Rewrite the figures."""
    text = README.read_text()
    head = text[: text.index(HEADING) + len(HEADING)]
    parts = [head]
    for path in sorted(RESULTS.glob("*.json")):
        result = json.loads(path.read_text())
        if "rows" in result:
            parts.append(f"\n### {path.stem}\n\n{table(result)}\n")
    README.write_text("".join(parts))


if __name__ == "__main__":
    main()
