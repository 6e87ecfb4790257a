"""What Isabelle's own tools take for a counterexample: quickcheck tests values, nitpick looks for models.

PISA answers with states and errors, and never with the messages of a tool. So ML of our own calls the tool in the state
where the statement is to be proved, and fails with what it says. Nothing of it is checked here. The ML uses only
functions that Isabelle 2021 to 2025 have; a tool that does not run suggests nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from prover.environments.isabelle.terms import Node, read_type
from prover.environments.isabelle.witness import TERMS_ML, Reader
from prover.errors import EnvironmentProtocolError

TOOLS = ("quickcheck", "nitpick")
_TOOL = r"""
ML_val \<open>
val () =
  let
    val state = Toplevel.proof_of @{Isar.state};
    val ctxt = Proof.context_of state;
@TERMS@
    fun plain s = XML.content_of (YXML.parse_body s);
@ASKED@
  in error ("@MARK@" ^ answer ^ "@MARK@") end
\<close>
"""
_QUICKCHECK = r"""
    fun value (x, t) = str x ^ typ (fastype_of t) ^ str (plain (Syntax.string_of_term ctxt t));
    fun test options =
      Quickcheck.quickcheck ([("quiet", ["true"]), ("timeout", ["@SECONDS@"])] @ options) 1 state;
    val found =
      (case try test [("finite_types", ["false"])] of
        SOME (SOME result) => SOME result
      | _ => test []);
    val answer =
      (case found of
        NONE => str "none" ^ list value []
      | SOME (genuine, values) => str (if genuine then "genuine" else "potential") ^ list value values);
"""
_NITPICK = r"""
    val params = Nitpick_Commands.default_params (Proof.theory_of state) [("timeout", "@SECONDS@")];
    val (outcome, messages) = Nitpick.pick_nits_in_subgoal state params Nitpick.Auto_Try 1 0;
    val answer = str outcome ^ list (str o plain) messages;
"""
_FREE = re.compile(r"^(?P<indent> *)Free variables?:[ ]*$", re.MULTILINE)
_VALUE = re.compile(r"^ *(?P<name>[A-Za-z][\w']*)(?: ::.*?)? =(?: |$)(?P<value>.*)$")
_COUNTEREXAMPLES = ("genuine", "quasi_genuine")
_NOT_A_TERM = re.compile(r"(?<![\w'])_(?![\w'])|\\<dots>|\.\.\.|\?|\"")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Values for which a tool claims that the statement is false: unchecked. `types`: those that it says they have."""

    by: str
    values: Mapping[str, str]
    types: Mapping[str, Node] = field(default_factory=dict)

    @property
    def in_words(self) -> str:
        """The claim, and that nobody has checked it."""
        values = ", ".join(f"{name} = {value}" for name, value in self.values.items())
        return f"{self.by} says false{f' for {values}' if values else ''}: unchecked"

    @property
    def can_be_stated(self) -> bool:
        """Are the values terms that Isabelle can read?"""
        return not any(_NOT_A_TERM.search(value) for value in self.values.values())


def tool_ml(tool: str, mark: str, *, seconds: int) -> str:
    """Return a command that lets one of the TOOLS look for a counterexample and fails with its answer."""
    asked = {"quickcheck": _QUICKCHECK, "nitpick": _NITPICK}[tool]
    return (
        _TOOL.strip()
        .replace("@TERMS@", TERMS_ML.strip("\n"))
        .replace("@ASKED@", asked.strip("\n"))
        .replace("@SECONDS@", str(seconds))
        .replace("@MARK@", mark)
    )


def read_suggestion(tool: str, text: str, mark: str) -> Suggestion | None:
    """Read a tool's answer; None if it claims no counterexample.

    Raises:
        EnvironmentProtocolError: there is no answer of the form that our ML writes.
    """
    parts = text.split(mark)
    if len(parts) != 3:
        raise EnvironmentProtocolError(f"{tool} does not run here: {text[:300]!r}")
    reader = Reader(parts[1])
    outcome = reader.string()
    if tool == "nitpick":
        message = "\n".join(reader.strings())
        return Suggestion(tool, model_values(message)) if outcome in _COUNTEREXAMPLES else None
    values, types = {}, {}
    for _ in range(reader.number()):
        name = reader.string()
        types[name] = read_type(reader)
        values[name] = " ".join(reader.string().split())
    return Suggestion(tool, values, types) if outcome in _COUNTEREXAMPLES else None


def model_values(message: str) -> dict[str, str]:
    """Return the free variables of a model as nitpick prints it: indented below their heading, long values wrapped."""
    heading = _FREE.search(message)
    values: dict[str, str] = {}
    if heading is None:
        return values
    depth = deepest = len(heading["indent"])
    name = ""
    for line in message[heading.end() :].split("\n")[1:]:
        indent = len(line) - len(line.lstrip(" "))
        if not line.strip() or indent <= depth:
            break
        found = _VALUE.match(line)
        if found and (not name or indent <= deepest):
            name, deepest = found["name"], indent
            values[name] = found["value"].strip()
        elif name:
            values[name] = f"{values[name]} {line.strip()}".strip()
    return values
