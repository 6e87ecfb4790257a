"""What stands before a theorem: functions, types of data, and predicates that are defined by rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from prover.core.theorem import Theorem
from prover.environments.syntax.lean.commands import declared
from prover.environments.syntax.lean.inductives import Inductive, inductives
from prover.environments.syntax.lean.instances import Instance, instances
from prover.environments.syntax.lean.signatures import Signature, signatures
from prover.environments.syntax.lean.structures import Structure, structures


@dataclass(frozen=True, slots=True)
class Header:
    """Full names, as far as they can be told from the text. `rules`: for each predicate the names of its rules.

    `data`: the types and their constructors, which cannot be unfolded. `signatures`: of the functions whose type is
    given. `constructors`: of the types, without a result. `instances`: also those without a name.
    `structures`: structures and classes, by name. `predicates`: what has `rules`.
    """

    functions: tuple[str, ...] = ()
    types: frozenset[str] = frozenset()
    data: frozenset[str] = frozenset()
    rules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    signatures: tuple[Signature, ...] = ()
    constructors: Mapping[str, tuple[Signature, ...]] = field(default_factory=dict)
    instances: tuple[Instance, ...] = ()
    structures: Mapping[str, Structure] = field(default_factory=dict)
    predicates: Mapping[str, Inductive] = field(default_factory=dict)

    @classmethod
    def of(cls, theorem: Theorem) -> Header:
        """Read the text before a theorem; instances without a name are left out."""
        functions = (name for name in declared(theorem.body).definitions if "prover_instance" not in name)
        found = list(inductives(theorem.body))
        return cls(
            functions=tuple(functions),
            types=frozenset(each.name for each in found if not each.predicate),
            data=frozenset(name for each in found if not each.predicate for name in (each.name, *each.constructors)),
            rules={each.name: each.constructors for each in found if each.predicate and each.constructors},
            signatures=tuple(signatures(theorem.body)),
            constructors={each.name: tuple(each.signatures) for each in found if not each.predicate},
            instances=tuple(instances(theorem.body)),
            structures={each.name: each for each in structures(theorem.body)},
            predicates={each.name: each for each in found if each.predicate and each.constructors},
        )

    def cited(self, definitions: Iterable[str]) -> tuple[str, ...]:
        """Return what a list of rules says for these definitions: a predicate's rules, and nothing for a type.

        A type or predicate in the list of `grind` has it distinguish cases, without end where these are recursive, and
        a constructor of data makes the list invalid.
        """
        return tuple(
            name
            for definition in definitions
            if definition not in self.data
            for name in self.rules.get(definition, (definition,))
        )

    def unfolded(self, definitions: Iterable[str]) -> tuple[str, ...]:
        """Return those of the definitions that can be unfolded."""
        return tuple(name for name in definitions if name not in self.data and name not in self.rules)
