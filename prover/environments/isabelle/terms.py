"""Propositions as Isabelle's kernel has them, read from what the witness ML writes of them, and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Union

from prover.environments.isabelle.witness import Reader
from prover.errors import EnvironmentProtocolError

Node = tuple[Union[str, "Node"], ...]
"""A term or type: its kind's letter, then its parts. See `witness_ml`."""
ALL = "Pure.all"


def read_proposition(text: str) -> Node:
    """Read a proposition.

    Raises:
        EnvironmentProtocolError: it is not of the form that our ML writes.
    """
    reader = Reader(text)
    found = _term(reader)
    if reader.rest:
        raise EnvironmentProtocolError(f"more than a proposition: {reader.rest[:200]!r}")
    return found


def read_type(reader: Reader) -> Node:
    """Read a type."""
    match reader.letter():
        case "T":
            return ("T", reader.string(), *(read_type(reader) for _ in range(reader.number())))
        case "F":
            return ("F", reader.string(), *reader.strings())
        case "V":
            return ("V", reader.string(), reader.string(), *reader.strings())
        case other:
            raise EnvironmentProtocolError(f"no type begins with {other!r}")


def variables_of(term: Node) -> Mapping[str, Node]:
    """Return the types of a theorem's variables by name, in the order in which they occur."""
    return {str(node[1]): _node(node[3]) for node in _inside(term) if node[0] == "V" and len(node) == 4}


def type_variables_of(term: Node) -> tuple[str, ...]:
    """Return the names of a theorem's type variables."""
    found = (str(node[1]) for each in _types(term) for node in _inside(each) if node[0] == "V")
    return tuple(dict.fromkeys(found))


def type_instances(general: Node, special: Node) -> Mapping[str, Node]:
    """Return what type variables of one type stand for in another; empty if it is no instance."""
    if general[0] == "V":
        return {str(general[1]): special}
    if general[:2] != special[:2] or len(general) != len(special) or general[0] != "T":
        return {}
    found: dict[str, Node] = {}
    for ours, theirs in zip(general[2:], special[2:], strict=True):
        found |= type_instances(_node(ours), _node(theirs))
    return found


def type_text(type_: Node) -> str:
    """Return a type without variables as Isabelle reads it."""
    name, arguments = str(type_[1]).rpartition(".")[2], [type_text(_node(part)) for part in type_[2:]]
    return f"({', '.join(arguments)}) {name}" if arguments else name


def denies(refutation: Node, statement: Node) -> bool:
    r"""Does the first proposition say that the second is false?

    It has to be `Q \<Longrightarrow> False`, where `Q` follows from the statement by putting something for its
    variables and generalising: from both follows `False`. Neither may have type variables, since there may be no type
    of their sort.
    """
    match refutation:
        case ("A", ("A", ("C", "Pure.imp", _), instance), ("A", ("C", "HOL.Trueprop", _), ("C", "HOL.False", _))):
            body, bound = _node(instance), []
        case _:
            return False
    if not _closed(refutation) or type_variables_of(statement):
        return False
    while body[:1] == ("A",) and _node(body[1])[:2] == ("C", ALL) and _node(body[2])[0] == "L":
        bound.append(_node(_node(body[2])[1]))
        body = _node(_node(body[2])[2])
    return _is_instance(statement, body, bound, {}, 0)


def _is_instance(general: Node, special: Node, bound: list[Node], known: dict[Node, int], inner: int) -> bool:
    """Is a term another with outer bound variables for its own? `bound`: their types. `inner`: binders around both."""
    if general[0] == "V":
        if special[0] != "B":
            return False
        place = len(bound) - 1 - (int(str(special[1])) - inner)  # counted from the outermost
        if not 0 <= place < len(bound) or bound[place] != general[3]:
            return False
        return known.setdefault(general, place) == place
    if general[0] != special[0] or len(general) != len(special):
        return False
    if general[0] == "A":
        return all(
            _is_instance(_node(ours), _node(theirs), bound, known, inner)
            for ours, theirs in zip(general[1:], special[1:], strict=True)
        )
    if general[0] == "L":
        same = general[1] == special[1]
        return same and _is_instance(_node(general[2]), _node(special[2]), bound, known, inner + 1)
    return general == special


def _term(reader: Reader) -> Node:
    match reader.letter():
        case "C":
            return ("C", reader.string(), read_type(reader))
        case "F":
            return ("F", reader.string(), read_type(reader))
        case "V":
            return ("V", reader.string(), reader.string(), read_type(reader))
        case "B":
            return ("B", str(reader.number()))
        case "L":
            return ("L", read_type(reader), _term(reader))
        case "A":
            return ("A", _term(reader), _term(reader))
        case other:
            raise EnvironmentProtocolError(f"no term begins with {other!r}")


def _node(part: str | Node) -> Node:
    assert isinstance(part, tuple)
    return part


def _inside(node: Node) -> Iterator[Node]:
    """Yield a term's own parts, without types; of a type, its parts."""
    yield node
    parts = node[1:] if node[0] == "A" else node[2:] if node[0] in ("L", "T") else ()
    for part in parts:
        yield from _inside(_node(part))


def _types(term: Node) -> Iterator[Node]:
    for node in _inside(term):
        match node:
            case ("C" | "F", _, type_) | ("V", _, _, type_) | ("L", type_, _):
                yield _node(type_)


def _closed(term: Node) -> bool:
    """Is a term without variables, and its types without type variables?"""
    parts = (*_inside(term), *(part for type_ in _types(term) for part in _inside(type_)))
    return all(part[0] not in ("F", "V") for part in parts)
