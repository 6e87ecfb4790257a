import Lean

/-!
Does a compiled file prove the theorem of another? Both `.olean` files are read as data: no code of theirs runs.

  lean --run compare.lean TARGET.olean SUBMISSION.olean THEOREM

Required: a theorem of that name, universe parameters and type in both; what the statement depends on in the target is
the same in the submission; nothing that the proof depends on is an axiom beyond Lean's three, or unsafe, or partial.
One line of JSON says so, or why not. The kernel's own replay of the file is `leanchecker`'s.
-/

open Lean

namespace ProverCompare

abbrev Constants := Std.HashMap Name ConstantInfo

def allowed : List Name := [``propext, ``Classical.choice, ``Quot.sound]

def kind : ConstantInfo → String
  | .axiomInfo _ => "axiom"
  | .defnInfo _ => "definition"
  | .thmInfo _ => "theorem"
  | .opaqueInfo _ => "opaque"
  | .quotInfo _ => "quotient"
  | .inductInfo _ => "inductive type"
  | .ctorInfo _ => "constructor"
  | .recInfo _ => "recursor"

def value : ConstantInfo → Option Expr
  | .defnInfo v => some v.value
  | .thmInfo v => some v.value
  | .opaqueInfo v => some v.value
  | _ => none

/-- What a constant mentions. -/
def uses (c : ConstantInfo) : Array Name :=
  let inner := match value c with
    | some v => v.getUsedConstants
    | none => #[]
  let others := match c with
    | .inductInfo v => v.ctors.toArray
    | .recInfo v => v.all.toArray
    | _ => #[]
  c.type.getUsedConstants ++ inner ++ others

/-- The same constant, bodies included; of a theorem only the statement counts. -/
def same (a b : ConstantInfo) : Bool :=
  a.levelParams == b.levelParams && a.type == b.type && kind a == kind b && match a, b with
    | .thmInfo _, .thmInfo _ => true
    | .inductInfo v, .inductInfo w => v.ctors == w.ctors && v.numParams == w.numParams && v.numIndices == w.numIndices
    | .ctorInfo v, .ctorInfo w => v.induct == w.induct && v.cidx == w.cidx
    | .recInfo v, .recInfo w => v.numMotives == w.numMotives && v.numMinors == w.numMinors && v.k == w.k
    | _, _ => value a == value b

/-- Everything that `roots` depend on, by name. -/
partial def closure (find : Name → Option ConstantInfo) (roots : Array Name) : NameSet := Id.run do
  let mut seen : NameSet := {}
  let mut left := roots
  while h : left.size > 0 do
    let name := left[left.size - 1]
    left := left.pop
    unless seen.contains name do
      seen := seen.insert name
      if let some c := find name then
        left := left ++ uses c
  return seen

/-- Why the submission does not prove the theorem; `none`: it does. -/
def problem (target submission : Constants) (library : Name → Option ConstantInfo) (name : Name) : Option String := Id.run do
  let some stated := target[name]? | return some s!"the statement has no theorem {name}"
  let some proved := submission[name]? | return some s!"the text proves no {name}"
  unless kind stated == "theorem" && kind proved == "theorem" do
    return some s!"{name} is no theorem"
  unless stated.levelParams == proved.levelParams && stated.type == proved.type do
    return some s!"{name} states something else"
  let meaning := closure (fun n => target[n]?) stated.type.getUsedConstants
  for n in meaning.toList do
    if let some ours := target[n]? then
      match submission[n]? with
      | some theirs => unless same ours theirs do return some s!"{n} is something else than in the statement"
      | none => return some s!"{n} of the statement is missing"
  let find := fun n => (submission[n]?).or (library n)
  for n in (closure find #[name]).toList do
    match find n with
    | none => return some s!"{n} is nowhere"
    | some c =>
      if c.isUnsafe || c.isPartial then
        return some s!"the proof rests on {n}, which is unsafe or partial"
      if kind c == "axiom" && !allowed.contains n then
        return some s!"the proof rests on {n}"
  return none

def constantsOf (data : ModuleData) : Constants :=
  (data.constNames.zip data.constants).foldl (fun all (name, c) => all.insert name c) {}

end ProverCompare

open ProverCompare in
def main (arguments : List String) : IO UInt32 := do
  let [target, submission, name] := arguments | throw (IO.userError "TARGET.olean SUBMISSION.olean THEOREM")
  let (stated, _) ← readModuleData target
  let (proved, _) ← readModuleData submission
  let library ← importModules proved.imports {}
  let found := problem (constantsOf stated) (constantsOf proved) library.find? name.toName
  IO.println (Json.mkObj [("proves", Json.bool found.isNone), ("reason", Json.str (found.getD ""))]).compress
  return if found.isNone then 0 else 1
