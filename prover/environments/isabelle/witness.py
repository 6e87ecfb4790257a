r"""ML text of our own that lets Isabelle say what it has proved, and what it says read back.

Three questions are asked, of the running Isabelle and not of the text:
*guard*, before a proof: which commands are in it, by Isabelle's own lexer and with all commands its libraries have;
*claim*, after our statement with `sorry`: the propositions that it means;
*proof*, after our statement with the proof: the propositions that were proved, how many oracles they rest on, open
hypotheses, and axioms that are new. The first must equal the claim's, the others must be none.

A claim rests on the oracle of `sorry`. If Isabelle does not say so, its answers mean nothing, and that is an error.
The ML uses only functions that Isabelle 2021 to 2025 have.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from prover.environments.syntax.isabelle import commands
from prover.errors import EnvironmentProtocolError

_GUARD = r"""
ML \<open>
val () =
  let
    val text = "@TEXT@";
    val allowed = [@ALLOWED@];
    val tokens = Token.explode (Thy_Header.get_keywords' @{context}) Position.none text;
    fun refused token =
      Token.is_error token orelse
      (Token.is_command token andalso not (member (op =) allowed (Token.content_of token)));
  in
    (case List.find refused tokens of
      NONE => ()
    | SOME token => error ("@MARK@" ^ Token.content_of token ^ "@MARK@"))
  end
\<close>
"""

TERMS_ML = r"""
    fun str s = string_of_int (size s) ^ ":" ^ s;
    fun int i = str (string_of_int i);
    fun list f xs = int (length xs) ^ implode (map f xs);
    fun indexname (a, i) = str a ^ int i;
    fun typ (Type (a, Ts)) = "T" ^ str a ^ list typ Ts
      | typ (TFree (a, S)) = "F" ^ str a ^ list str S
      | typ (TVar (xi, S)) = "V" ^ indexname xi ^ list str S;
    fun term (Const (a, T)) = "C" ^ str a ^ typ T
      | term (Free (a, T)) = "F" ^ str a ^ typ T
      | term (Var (xi, T)) = "V" ^ indexname xi ^ typ T
      | term (Bound i) = "B" ^ int i
      | term (Abs (_, T, t)) = "L" ^ typ T ^ term t
      | term (t $ u) = "A" ^ term t ^ term u;
"""
"""Functions that write strings, lists, types and terms, for `Reader`."""

_WITNESS = r"""
ML \<open>
val () =
  let
    val thy = @{theory};
@TERMS@
    fun named (name, _) = member (op =) [@HEADER@] (Long_Name.base_name name);
    val facts =
      Facts.dest_static true (map Global_Theory.facts_of (Theory.parents_of thy)) (Global_Theory.facts_of thy);
    val thms = maps (Global_Theory.get_thms thy) [@NAMES@] @ map (Thm.transfer thy) (maps #2 (filter named facts));
    fun names_of thy' = map #1 (Theory.all_axioms_of thy');
    val old = fold (fn a => Symtab.update (a, ())) (maps names_of (Theory.parents_of thy)) Symtab.empty;
    val new = sort string_ord (filter_out (Symtab.defined old) (names_of thy));
    val answer =
      list (str o term o Thm.prop_of) thms ^
      int (length (Thm_Deps.all_oracles thms)) ^
      int (length (maps Thm.hyps_of thms) + length (maps Thm.tpairs_of thms)) ^
      list str new;
  in @REPORT@ ("@MARK@" ^ answer ^ "@MARK@") end
\<close>
"""


def new_mark() -> str:
    """Return a word that no proof can have been written to contain."""
    return f"WITNESS{secrets.token_hex(12)}"


def guard_ml(proof: str, mark: str) -> str:
    """Return a command that fails with `mark` if the proof has another command than those of proofs.

    The proof (ASCII) stands in it as a string of character codes, so that nothing in it can end the string.
    """
    return (
        _GUARD.strip()
        .replace("@TEXT@", "".join(f"\\{ord(character):03d}" for character in proof))
        .replace("@ALLOWED@", ", ".join(f'"{name}"' for name in sorted(commands.PROOF)))
        .replace("@MARK@", mark)
    )


def witness_ml(names: Sequence[str], mark: str, *, report: str = "error") -> str:
    """Return a command that says what the theorems of these names are; `report`: an ML function for texts.

    The last is the statement's own. The others stand before it, perhaps in a `locale` or `context`, which give them
    longer names: all theorems of this theory that end so are meant.
    """
    return (
        _WITNESS.strip()
        .replace("@TERMS@", TERMS_ML.strip("\n"))
        .replace("@HEADER@", ", ".join(f'"{name}"' for name in names[:-1]))
        .replace("@NAMES@", f'"{names[-1]}"')
        .replace("@REPORT@", report)
        .replace("@MARK@", mark)
    )


@dataclass(frozen=True, slots=True)
class Witness:
    """What Isabelle says about theorems: propositions as data, number of oracles, hypotheses, names of new axioms."""

    propositions: tuple[str, ...]
    oracles: int
    hypotheses: int
    axioms: tuple[str, ...]

    @classmethod
    def read(cls, text: str, mark: str) -> Witness:
        """Read the answer between two marks.

        Raises:
            EnvironmentProtocolError: there is none, or it is not of the form that our ML writes.
        """
        parts = text.split(mark)
        if len(parts) != 3:
            raise EnvironmentProtocolError(f"Isabelle does not say what it has proved: {text[:500]!r}")
        reader = Reader(parts[1])
        witness = cls(reader.strings(), reader.number(), reader.number(), reader.strings())
        if reader.rest:
            raise EnvironmentProtocolError(f"Isabelle says more than it was asked: {reader.rest[:200]!r}")
        return witness

    def in_theory(self, name: str, other: str) -> Witness:
        """Return the same with the theory's name replaced; both names are of one length."""
        assert len(name) == len(other)
        return Witness(
            tuple(text.replace(f"{name}.", f"{other}.") for text in self.propositions),
            self.oracles,
            self.hypotheses,
            tuple(text.replace(f"{name}.", f"{other}.") for text in self.axioms),
        )


def refusal(claim: Witness, proof: Witness) -> str | None:
    """Return why the proof does not prove the claim, or None if it does.

    Raises:
        EnvironmentProtocolError: this Isabelle does not report the oracle behind `sorry`.
    """
    if claim.oracles == 0 or not claim.propositions:
        raise EnvironmentProtocolError("this Isabelle does not report that `sorry` rests on an oracle")
    if proof.propositions != claim.propositions:
        return "what was proved is not what was stated"
    if proof.oracles:
        return "the proof rests on an oracle (sorry, eval, or one of its own) instead of the kernel"
    if proof.hypotheses:
        return "the theorem rests on hypotheses that were not discharged"
    if proof.axioms != claim.axioms:
        added = ", ".join(sorted(set(proof.axioms) - set(claim.axioms))) or "others than the statement's"
        return f"the proof adds axioms: {added}"
    return None


class Reader:
    """Length-prefixed strings, one after the other. Each method raises EnvironmentProtocolError if there is no such."""

    def __init__(self, text: str) -> None:
        """Begin at the beginning; `rest`: what is still to be read."""
        self.rest = text

    def letter(self) -> str:
        """Read a single letter, which has no length before it."""
        letter, self.rest = self.rest[:1], self.rest[1:]
        return letter

    def string(self) -> str:
        """Read a string."""
        length, mark, rest = self.rest.partition(":")
        if not mark or not length.isdigit() or int(length) > len(rest):
            raise EnvironmentProtocolError(f"Isabelle's answer is cut off: {self.rest[:200]!r}")
        self.rest = rest[int(length) :]
        return rest[: int(length)]

    def number(self) -> int:
        """Read a number."""
        text = self.string()
        if not text.isdigit():
            raise EnvironmentProtocolError(f"not a number: {text[:50]!r}")
        return int(text)

    def strings(self) -> tuple[str, ...]:
        """Read a list of strings."""
        return tuple(self.string() for _ in range(self.number()))
