"""The instance that verifies is used again. What one text does to it must not show in the next check."""

from __future__ import annotations

import random

from prover.core.theorem import Theorem
from prover.environments.lean_wasm.environment import LeanWasmEnvironment

HUNG_S = 300.0

# Says all that a text can see of the heap and of what lies around it: where the allocator puts things, its random
# numbers and clock, what a global variable of the library holds, whether files are there, what names come next.
OBSERVER = """unsafe def addresses : IO Unit := do
  for size in [1, 10, 100, 1000, 10000] do
    IO.println s!"{ptrAddrUnsafe (Array.replicate size size)} {ptrAddrUnsafe (toString size)}"
#eval show IO Unit from unsafe addresses
#eval show IO Unit from do
  IO.println s!"{← IO.rand 0 1000000000} {← IO.rand 0 1000000000}"
  IO.println s!"{← IO.monoNanosNow} {← IO.monoMsNow}"
  IO.println s!"{← IO.getNumHeartbeats}"
  IO.println s!"{← System.FilePath.pathExists "/left"} {(← IO.getEnv "LEFT").isSome}"
  IO.println s!"{← IO.currentDir}"
theorem observer (a b : Nat) : a + b = b + a := by omega
theorem named : (fun x : Nat => x) = id := by rfl
#print axioms observer
"""

POISONS = {
    "random numbers": "#eval IO.setRandSeed 7\n#eval show IO Nat from IO.rand 0 5",
    "files": '#eval show IO Unit from try IO.FS.writeFile "/left" "here" catch _ => pure ()\n'
    '#eval show IO Unit from try IO.Process.setCurrentDir "/lean" catch _ => pure ()',
    "output": '#eval show IO Unit from do (← IO.getStdout).putStr "half a line"; (← IO.getStderr).putStr "and more"',
    "syntax": 'macro_rules | `(term| 1) => `(term| 2)\nnotation "Nat" => Int\n@[simp] theorem bad : 1 = 1 := rfl',
    "instances": "instance (priority := high) : OfNat Nat 1 := ⟨2⟩\ninstance : Add Nat := ⟨fun a _ => a⟩",
    "attributes": "attribute [-simp] Nat.add_comm\nattribute [simp] Nat.mul_comm\nattribute [local grind] Nat.add_comm",
    "options": "set_option maxRecDepth 7\nset_option maxHeartbeats 1\nset_option autoImplicit false",
    "memory": "#eval (Array.replicate 3000000 0).size\ndef big := List.range 100000\n#eval big.length",
    "exceptions": '#eval (throw (IO.userError "one") : IO Unit)\n#eval (panic! "two" : Nat)',
    "recursion": "def deep : Nat → Nat | 0 => 0 | n + 1 => deep n + 1\n#eval deep 100000\n#reduce deep 500",
    "global references": "initialize one : IO.Ref Nat ← IO.mkRef 3\nbuiltin_initialize two : IO.Ref Nat ← IO.mkRef 4",
    "an axiom": "axiom wrong : False\ntheorem observer : False := wrong",
    "names": "namespace Lean.Elab\ndef x := 1\nend Lean.Elab\nprivate theorem observer : True := trivial",
    "unsafe code": "unsafe def forged : Nat := unsafeCast (0 : UInt64)\n#eval unsafe forged",
}


async def seen(lean: LeanWasmEnvironment) -> tuple[object, ...]:
    found = await lean.check_source(Theorem.from_text(OBSERVER), against=None, timeout_s=HUNG_S)
    assert found.accepted, found
    assert len(found.messages) == 3  # it does look
    return (found.messages, found.theorems, found.reason)


async def test_nothing_that_a_text_does_shows_in_the_next_check(lean: LeanWasmEnvironment) -> None:
    first = await seen(lean)
    poisons = list(POISONS.items())
    random.Random(0).shuffle(poisons)
    for name, text in poisons:
        source = f"{text}\ntheorem t : True := trivial\n"
        await lean.check_source(Theorem.from_text(source), against=None, timeout_s=HUNG_S)
        assert await seen(lean) == first, name


async def test_a_statement_is_read_before_the_proof_can_change_anything(lean: LeanWasmEnvironment) -> None:
    statement = Theorem.from_text("theorem t : 1 + 1 = 3 := by sorry")
    cheat = Theorem.from_text("local instance : OfNat Nat 3 := ⟨2⟩\ntheorem t : 1 + 1 = 3 := rfl")
    for _ in range(3):
        found = await lean.check_source(cheat, against=statement, timeout_s=HUNG_S)
        assert not found.accepted
        honest = await lean.check_source(
            Theorem.from_text("theorem t : 1 + 1 = 2 := rfl"),
            against=Theorem.from_text("theorem t : 1 + 1 = 2 := by sorry"),
            timeout_s=HUNG_S,
        )
        assert honest.accepted, honest
