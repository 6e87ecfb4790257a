"""What may not stand in a proof, judged by its words alone: hygiene, before Lean sees it.

A proof is tactics. Words that begin another command end it, and what came after could change how the rest of the file
is read; words that run a program could do anything. Strings are looked into as well: better one proof too few.
"""

from __future__ import annotations

import re

from prover.environments.syntax.lean.tokens import tokens, without_comments
from prover.environments.syntax.refusal import NO_TACTIC, Refusal


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


GIVES_UP = frozenset({"sorry", "sorryAx"})
GIVES_UP_ALONE = frozenset({"admit", "stop"})  # also names of fields
COMMANDS = _words_of(
    """theorem lemma example def abbrev instance structure inductive coinductive class axiom opaque
    namespace section end variable universe import export module prelude mutual
    macro macro_rules syntax declare_syntax_cat notation notation3 infix infixl infixr prefix postfix binder_predicate
    elab elab_rules elab_stx simproc dsimproc builtin_simproc initialize builtin_initialize attribute deriving
    add_decl_doc private protected noncomputable public meta alias irreducible_def suppress_compilation
    run_cmd run_elab run_meta library_note assert_not_exists unif_hint"""
)
PROGRAMS = _words_of(
    """run_tac by_elab eval_expr unsafe unsafeCast unsafeIO implemented_by extern csimp native_decide ofReduceBool
    reduceBool reduceNat ofReduceNat trustCompiler debug dbg_trace IO MetaM CoreM TacticM CommandElabM addDecl
    addAndCompile modifyEnv setEnv"""
)
_PART = re.compile(r"[^\W\d][\w'!?]*")


def proof_problem(text: str) -> Refusal | None:
    """Return why tactics are not shown to Lean, or None. The text is to have no comments, see `bare_proof`."""
    if not text.strip():
        return Refusal(NO_TACTIC)
    if any("\ud800" <= character <= "\udfff" for character in text):
        return Refusal("it is no valid Unicode text")
    if "/-" in text or "-/" in text:
        return Refusal("a comment is not closed, or closes what it did not open")
    if problem := code_problem(text):
        return problem
    found = [token.text for token in tokens(text)]
    for word in found:
        if word in COMMANDS or (word.startswith("#") and len(word) > 1):
            return Refusal(f"`{word}` may not stand in a proof")
    if GIVES_UP_ALONE.intersection(found) or any(part in GIVES_UP for parts in _words(text) for part in parts):
        return Refusal("the proof uses sorry", gives_up=True)
    return None


def code_problem(text: str) -> Refusal | None:
    """Return what in a text could run programs or weaken the kernel's word, or None."""
    for parts in _words(text):
        if found := next((part for part in parts if part in PROGRAMS), None):
            return Refusal(f"`{found}` may not stand in a proof")
    return None


SOURCE_REFUSED = COMMANDS & _words_of(
    """macro macro_rules syntax declare_syntax_cat notation notation3 infix infixl infixr prefix postfix
    binder_predicate elab elab_rules elab_stx simproc dsimproc builtin_simproc initialize builtin_initialize axiom
    run_cmd run_elab run_meta unif_hint opaque"""
)


def source_problem(added: str) -> Refusal | None:
    """Return what in the part of a file that is not the user's own header cannot be judged by its messages, or None."""
    bare = without_comments(added)
    if problem := code_problem(bare):
        return problem
    for token in tokens(bare):
        if token.text in SOURCE_REFUSED or token.text in ("#eval", "#eval!"):
            return Refusal(f"`{token.text}` could change what Lean reports")
    return None


def bare_proof(text: str) -> str:
    """Return tactics without comments and the white space they leave behind: what is screened is what Lean sees."""
    return "\n".join(line.rstrip() for line in without_comments(text).split("\n") if line.strip())


def bracketed(text: str) -> str:
    """Return tactics as one, which is what a REPL reads at a time."""
    return f"(\n{text}\n)" if "\n" in text or ";" in text else text


def _words(text: str) -> list[list[str]]:
    """Return the identifiers, each as its parts, wherever they stand."""
    return [_PART.findall(word) for word in re.findall(r"[\w'!?.«»]+", text)]
