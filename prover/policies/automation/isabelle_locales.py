r"""Locales before a theorem that is about them: `assumes "monoidal f e"` makes their lemmas true of `f` and `e`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_LEMMAS = 6
"""Lemmas of a locale that one step names, the last ones first."""


@dataclass(frozen=True, slots=True)
class Locale:
    """A locale: the locales that it extends, whether it assumes something itself, and its lemmas."""

    name: str
    parents: tuple[str, ...] = ()
    assumes: bool = False
    lemmas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Predicate:
    """What steps may name where the predicate of a locale is mentioned."""

    name: str
    definitions: tuple[str, ...]
    lemmas: tuple[str, ...]


def predicates(locales: Sequence[Locale], text: str) -> tuple[Predicate, ...]:
    """Return the predicates of the locales that a text mentions, with what they inherit."""
    known = {locale.name: locale for locale in locales}
    return tuple(
        Predicate(
            locale.name,
            tuple(fact for each in _line(locale, known) for fact in _definitions(each, known)),
            tuple(f"{locale.name}.{lemma}" for each in _line(locale, known) for lemma in each.lemmas[::-1]),
        )
        for locale in locales
        if re.search(rf"(?<![\w.']){re.escape(locale.name)}(?![\w'])", text)
    )


def steps_of_predicates(found: Sequence[Predicate], goal: str, *, using: str) -> Iterator[tuple[str, float]]:
    """Yield steps that use locales' lemmas, and their definitions. `using`: what stands before `by`."""
    for predicate in found:
        lemmas = " ".join(predicate.lemmas[:MOST_LEMMAS])
        facts = f"{using.strip() or 'using'} {lemmas} "
        if lemmas:
            yield f"{facts}by metis", 0.4
            yield f"{facts}by blast", 0.2
            yield f"{facts}by auto", 0.15
        for lemma in predicate.lemmas[:MOST_LEMMAS]:
            yield f"{using}by (auto intro: {lemma})", 0.1
            yield f"{using}by (simp add: {lemma})", 0.1
        if definitions := " ".join(predicate.definitions):
            yield f"{using}unfolding {definitions} by metis", 0.3
            yield f"{using}unfolding {definitions} by auto", 0.2
            yield f"{using}unfolding {definitions} by blast", 0.15
            yield f"{using}unfolding {definitions} by (auto simp: algebra_simps)", 0.1
        if re.search(rf"(?<![\w.']){re.escape(predicate.name)}(?![\w'])", goal):
            yield f"{using}by unfold_locales auto", 0.3
            yield f"{using}by unfold_locales (auto simp: algebra_simps)", 0.2


def _line(locale: Locale, known: dict[str, Locale]) -> list[Locale]:
    """Return a locale and all that it extends, each once."""
    found = [locale]
    for each in found:
        found += [known[name] for name in each.parents if name in known and known[name] not in found]
    return found


def _definitions(locale: Locale, known: dict[str, Locale]) -> Iterator[str]:
    """Yield the definitions of a locale's predicate; what it assumes beside its parents has a predicate of its own."""
    inherits = any(each.assumes for each in _line(locale, known)[1:])
    if locale.assumes or inherits:
        yield f"{locale.name}_def"
    if locale.assumes and inherits:
        yield f"{locale.name}_axioms_def"
