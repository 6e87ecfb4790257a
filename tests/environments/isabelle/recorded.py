"""A stand-in for Isabelle's top level that answers from recordings of the real one.

It knows, for each recorded theorem, what every recorded command did at each printed state, whichever script it was in.
What it was never shown fails. Like the original it does not judge: `sorry`, `oops` and cheating tactics end at level 0.
It also keeps what the kernel would know of a theorem: its proposition, and the oracles it rests on.
"""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

COMMANDS = re.compile(
    r"""\s*(?:
      (?P<skip>"[^"]*"|`[^`]*`|\\<open>.*?\\<close>|\(\*.*?\*\))
    | (?P<word>\??[A-Za-z][\w'.]*|\\<proof>|\.\.|[{}.]|\\<\^?\w+>|.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_KEYWORDS = """
    datatype fun inductive context locale
    theorem lemma corollary proposition schematic_goal definition axiomatization oracle ML ML_val setup declare notation
    no_notation theory end text thm_oracles proof qed by done apply using unfolding defer prefer subgoal back have show
    hence thus obtain fix assume note let case then from with also finally moreover ultimately next sorry oops
    quickcheck nitpick sledgehammer value term thm print_state find_theorems try0 prf { } . .. \\<proof>
"""
KEYWORDS = frozenset(_KEYWORDS.split())
PACKAGES = ("datatype", "fun", "inductive")
GOALS = ("theorem", "lemma", "corollary", "proposition", "schematic_goal")
CHEATS = ("sorry", r"\<proof>", "cheat_tac", "make_thm", "by eval", "by normalization", "[th]")


def normal(text: str) -> str:
    return " ".join(text.split())


def split(text: str) -> list[str]:
    """Split a text into commands, as `Outer_Syntax.parse_text` does."""
    starts = [0]
    depth = 0
    for found in COMMANDS.finditer(text):
        word = found["word"]
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(word or "", 0)
        if word in KEYWORDS and depth == 0:
            starts.append(found.start("word"))
    parts = [text[a:b].strip() for a, b in itertools.pairwise([*starts, len(text)])]
    return [part for part in parts if part]


class StepError(Exception):
    """A command failed."""


@dataclass(frozen=True)
class Fact:
    """A theorem as the kernel knows it."""

    proposition: str
    oracles: int
    hypotheses: int = 0


@dataclass(frozen=True)
class Top:
    """A state of the top level."""

    mode: str = "toplevel"
    printed: str = ""
    level: int = 0
    theorem: str = ""
    place: tuple[int, int] = (0, 0)
    statement: str = ""
    cheated: bool = False
    facts: tuple[tuple[str, Fact], ...] = ()
    axioms: tuple[str, ...] = ()
    dirty: bool = True
    """Whether procedures and packages may use oracles, as PISA's Isabelle lets them."""
    declared: bool = False
    """Whether a package did."""
    targets: tuple[str, ...] = ()
    """The open contexts and locales, by their names."""


@dataclass
class Recordings:
    """What was recorded."""

    openings: dict[str, dict[str, Any]] = field(default_factory=dict)
    steps: dict[tuple[str, int, str, str], list[dict[str, Any]]] = field(default_factory=dict)
    told: dict[str, dict[str, str]] = field(default_factory=dict)
    """What our own ML would say of statements: their terms, and what tools claim of them."""
    level: int = 0

    @classmethod
    def load(cls, *files: Path) -> Recordings:
        found = cls()
        for file in files:
            for line in file.read_text().splitlines():
                found.add(json.loads(line))
        return found

    def add(self, row: dict[str, Any]) -> None:
        if "statement" in row:
            self.told[statement_of(row["statement"])] = row
            return
        command = normal(row["command"])
        if row["mode_before"] == "theory" and row.get("mode_after") == "proof":
            self.openings.setdefault(statement_of(command), row)
        if row["mode_before"] == "proof":
            key = (row["theorem"], self.level, row["state_before"], command)
            self.steps.setdefault(key, []).append(row)
        self.level = row.get("level_after", self.level)

    def step(self, top: Top, command: str) -> dict[str, Any] | None:
        """What the command did in this state: what comes next in the same script, else what it did in any.

        States that are printed alike may differ inside, so the place in a script decides before the text does.
        """
        rows = self.steps.get((top.theorem, top.level, top.printed, normal(command)), [])
        script, index = top.place
        later = [row for row in rows if row["script"] == script and row["step_index"] > index]
        if later:
            return min(later, key=lambda row: int(row["step_index"]))
        return next((row for row in rows if row["status"] == "ok"), rows[0] if rows else None)

    def closing(self, top: Top) -> dict[str, Any] | None:
        """A recorded step that ends an inner proof at this state: `sorry` would have led to the same."""
        for (name, level, state, command), rows in self.steps.items():
            here = (name, level, state) == (top.theorem, top.level, top.printed)
            for row in rows:
                if (
                    here
                    and row["status"] == "ok"
                    and 0 < row["level_after"] < level
                    and command.startswith(("by", "."))
                ):
                    return row
        return None

    def hammer(self, theorem: str, printed: str) -> str | None:
        """A recorded step that ends this goal, as a hammer would find it."""
        for (name, _, state, command), rows in self.steps.items():
            row = rows[0]
            ends = row["status"] == "ok" and row["level_after"] == 0
            honest = not any(cheat in command for cheat in (*CHEATS, "oops", "tactic", "lemma", "end", "text"))
            if name == theorem and state == printed and ends and honest and "by" in command:
                return command
        return None


def statement_of(command: str) -> str:
    """A statement without its keyword and name, which users choose."""
    return re.sub(r"^(theorem|lemma|corollary|proposition)\s+[\w']*\s*:?\s*", "", normal(command))


class Isabelle:
    """Runs commands on states of the top level."""

    def __init__(self, recordings: Recordings, *, slow_s: float = 0.3) -> None:
        self.recordings = recordings
        self.slow_s = slow_s

    def run(self, top: Top, text: str) -> Top:
        """Run all commands of a text. Raises StepError."""
        if "val allowed = [" in text or "Thm_Deps.all_oracles" in text:
            return self.our_ml(top, text)
        if "Toplevel.proof_of" in text:
            return self.our_tool(top, text)
        parts = split(text)
        while parts:
            top, parts = self.next(top, parts)
        return top

    def next(self, top: Top, parts: list[str]) -> tuple[Top, list[str]]:
        first = parts[0]
        if top.mode == "proof":
            for count in range(len(parts), 0, -1):  # one recorded step may be several commands
                row = self.recordings.step(top, " ".join(parts[:count]))
                if row is not None:
                    return self.replay(top, row, " ".join(parts[:count])), parts[count:]
            if first in ("sorry", r"\<proof>") and (row := self.recordings.closing(top)):
                return replace(self.replay(top, row, row["command"]), cheated=True), parts[1:]
            if first in ("sorry", "oops", r"\<proof>"):
                return self.ended(top, first), parts[1:]
            raise StepError(f'Failed to apply initial proof method (line 1):\n{top.printed}\nAt command "by" (line 1)')
        if top.mode == "toplevel":
            if first.startswith("theory ") and "NoSuch" in first:
                raise StepError('No such file: "NoSuch.thy"\nThe error(s) above occurred for theory "Draft.NoSuch"')
            if first.startswith("theory "):
                return replace(top, mode="theory"), parts[1:]
            raise StepError(f'Illegal application of command "{first.split()[0]}" at top level')
        return self.theory_command(top, first), parts[1:]

    def replay(self, top: Top, row: dict[str, Any], text: str) -> Top:
        if row["status"] != "ok":
            raise StepError(row["error"])
        cheated = top.cheated or any(cheat in text for cheat in CHEATS)
        cheated = cheated or (top.dirty and re.search(r"\b(presburger|sat|satx)\b", text) is not None)
        if row["level_after"] == 0 and row["mode_after"] != "proof":
            after = self.ended(replace(top, cheated=cheated), "oops" if "oops" in text.split() else text)
            if "axiomatization" in text:
                after = replace(after, axioms=(*after.axioms, "T.bad"))
            for name, proposition in re.findall(r"lemma (\w+):\s*(\"[^\"]*\")", text):
                after = replace(after, facts=(*after.facts, (name, Fact(proposition, 1))))
            return replace(after, mode=row["mode_after"])
        place = row["script"], row["step_index"]
        return replace(top, printed=row["state_after"], level=row["level_after"], cheated=cheated, place=place)

    def ended(self, top: Top, command: str) -> Top:
        """Leave the proof; `oops` leaves no theorem behind."""
        cheated = top.cheated or top.declared or command in ("sorry", r"\<proof>")
        name = re.match(r"\w+\s+([\w']+)", top.statement)
        facts = top.facts
        if command != "oops" and name:
            proposition = statement_of(top.statement)
            term = self.recordings.told.get(proposition, {}).get("term", proposition)
            long = ".".join([*filter(None, top.targets), name[1]])
            facts = (*facts, (long, Fact(term, int(cheated))))
        return replace(Top(), mode="theory", facts=facts, axioms=top.axioms, dirty=top.dirty, declared=top.declared,
                       targets=top.targets)  # fmt: skip

    def theory_command(self, top: Top, command: str) -> Top:
        kind = command.split()[0]
        if kind in GOALS:
            row = self.recordings.openings.get(statement_of(command))
            if row is None:
                if "ERROR" in command or '"' not in command:
                    raise StepError("Inner syntax error (line 1)\nFailed to parse prop")
                goal = command.split('"')[-2]
                printed = f"proof (prove)\ngoal (1 subgoal):\n 1. {goal}"
                return replace(top, mode="proof", printed=printed, level=1, theorem="", statement=command)
            return replace(
                top, mode="proof", printed=row["state_after"], level=1, theorem=row["theorem"], statement=command
            )
        if kind == "declare" and "quick_and_dirty" in command:
            return replace(top, dirty="true" in command)
        if kind in PACKAGES:
            return replace(top, declared=top.declared or top.dirty)
        if kind in ("definition", "declare", "notation", "text"):
            return top
        if kind in ("context", "locale") and command.endswith("begin"):
            name = command.split()[1] if command.split()[1] != "begin" else ""
            return replace(top, targets=(*top.targets, name))
        if kind == "end" and top.targets:
            return replace(top, targets=top.targets[:-1])
        if kind == "axiomatization":
            return replace(top, axioms=(*top.axioms, "T.bad"))
        if kind == "lemmas" and (instance := self.instance(top, command)):
            return replace(top, facts=(*top.facts, instance))
        if kind == "end":
            return replace(top, mode="toplevel")
        raise StepError(f'Bad context for command "{kind}" (line 1)\nAt command "{kind}" (line 1)')

    def instance(self, top: Top, command: str) -> tuple[str, Fact] | None:
        """A theorem at types: `lemmas NAME = THEOREM[where 'a = "int"]`."""
        found = re.match(r"lemmas (\w+) = (\w+)\[where (.*)\]$", command)
        fact = dict(top.facts).get(found[2]) if found else None
        row = next((row for row in self.recordings.told.values() if fact and row.get("term") == fact.proposition), {})
        return (found[1], Fact(row["instance"], 1)) if found and row.get("where") == found[3] else None

    # ---- what our own ML would say -------------------------------------------------------------------------------
    def our_tool(self, top: Top, text: str) -> Top:
        (mark,) = set(re.findall(r"WITNESS[0-9a-f]{24}", text))
        tool = "quickcheck" if "Quickcheck.quickcheck" in text else "nitpick"
        claim = self.recordings.told.get(statement_of(top.statement), {}).get(tool)
        if claim is None:  # as without a server for its external program
            raise StepError(
                'exception Fail raised (line 55 of "System/isabelle_system.ML")\nAt command "ML_val" (line 1)'
            )
        raise StepError(f'{mark}{claim}{mark}\nAt command "ML_val" (line 1)')

    def our_ml(self, top: Top, text: str) -> Top:
        (mark,) = set(re.findall(r"WITNESS[0-9a-f]{24}", text))
        if "val allowed = [" in text:
            codes = text.split('val text = "')[1].split('"')[0]
            proof = "".join(chr(int(number)) for number in re.findall(r"\\(\d{3})", codes))
            allowed = re.findall(r'"([^"]*)"', text.split("val allowed = [")[1].split("]")[0])
            for part in split(proof):
                word = re.match(r"\\<\w+>|[\w']+|\.\.|.", part)
                if word and word[0] in KEYWORDS and word[0] not in allowed:
                    raise StepError(f'{mark}{word[0]}{mark}\nAt command "ML" (line 1)')
            return top
        if top.mode != "theory":
            raise StepError('Illegal application of command "ML" in proof mode')
        names = re.findall(r'"([^"]+)"', text.split("Global_Theory.get_thms thy) [")[1].split("]")[0])
        facts = dict(top.facts)
        if missing := [name for name in names if name not in facts]:
            raise StepError(f'Undefined fact: "{missing[0]}"')
        header = re.findall(r'"([^"]+)"', text.split("member (op =) [")[1].split("]")[0])
        found = [facts[name] for name in names]
        found += [fact for name, fact in top.facts if name.rpartition(".")[2] in header]
        raise StepError(f'{mark}{answer(found, top.axioms)}{mark}\nAt command "ML" (line 1)')


def answer(facts: list[Fact], axioms: tuple[str, ...]) -> str:
    """What the witness ML writes: strings with their lengths."""

    def string(text: str) -> str:
        return f"{len(text)}:{text}"

    def strings(texts: list[str]) -> str:
        return string(str(len(texts))) + "".join(map(string, texts))

    oracles, hypotheses = sum(fact.oracles for fact in facts), sum(fact.hypotheses for fact in facts)
    return (
        strings([fact.proposition for fact in facts])
        + string(str(oracles))
        + string(str(hypotheses))
        + strings(sorted(axioms))
    )
