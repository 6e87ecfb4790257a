"""Writes terms, and what tools say, as our ML does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def string(text: str) -> str:
    return f"{len(text)}:{text}"


def strings(texts: Sequence[str]) -> str:
    return string(str(len(texts))) + "".join(map(string, texts))


def type_(name: str, *arguments: str) -> str:
    return f"T{string(name)}{string(str(len(arguments)))}{''.join(arguments)}"


def schematic_type(name: str, *sort: str) -> str:
    return f"V{string(name)}{string('0')}{strings(sort)}"


NAT, INT, BOOL, PROP = type_("Nat.nat"), type_("Int.int"), type_("HOL.bool"), type_("prop")


def function(*types: str) -> str:
    *arguments, result = types
    for argument in reversed(arguments):
        result = type_("fun", argument, result)
    return result


def constant(name: str, of: str) -> str:
    return f"C{string(name)}{of}"


def variable(name: str, of: str) -> str:
    return f"V{string(name)}{string('0')}{of}"


def free(name: str, of: str) -> str:
    return f"F{string(name)}{of}"


def bound(number: int) -> str:
    return f"B{string(str(number))}"


def applied(head: str, *arguments: str) -> str:
    for argument in arguments:
        head = f"A{head}{argument}"
    return head


def forall(of: str, body: str) -> str:
    return applied(constant("Pure.all", function(function(of, PROP), PROP)), f"L{of}{body}")


def holds(proposition: str) -> str:
    return applied(constant("HOL.Trueprop", function(BOOL, PROP)), proposition)


def implies(first: str, second: str) -> str:
    return applied(constant("Pure.imp", function(PROP, PROP, PROP)), first, second)


FALSE = holds(constant("HOL.False", BOOL))


def equal(of: str, left: str, right: str) -> str:
    return applied(constant("HOL.eq", function(of, of, BOOL)), left, right)


def cancelled(of: str, a: str, b: str) -> str:
    """a - b + b = a"""
    minus = applied(constant("Groups.minus_class.minus", function(of, of, of)), a, b)
    return holds(equal(of, applied(constant("Groups.plus_class.plus", function(of, of, of)), minus, b), a))


def quickcheck(values: Mapping[str, tuple[str, str]], outcome: str = "genuine") -> str:
    told = "".join(f"{string(name)}{of}{string(value)}" for name, (of, value) in values.items())
    return f"{string(outcome)}{string(str(len(values)))}{told}"


def nitpick(*messages: str, outcome: str = "genuine") -> str:
    return string(outcome) + strings(messages)
