import Lean

/-!
What the imports of a project provide, as data for choosing premises. Nothing of it is judged here.

  lake env lean --run listing.lean MODULE...

One line of JSON with the modules (name, numbers of the modules that it imports), then one for each theorem: name, number
of its module, a key that is equal for equal statements, head of its conclusion, the constants that its type mentions,
number of explicit arguments, its type as Lean prints it.
-/

open Lean

namespace ProverListing

/-- Made by Lean itself for a definition or a type: nobody would name it in a proof. -/
def generated (env : Environment) (name : Name) : Bool :=
  name.isInternalDetail || isPrivateName name || isNoConfusion env name || match name with
    | .str _ s => s ∈ ["inj", "injEq", "sizeOf_spec", "eq_def", "congr_simp", "ext_iff", "ctorIdx"]
      || "eq_".isPrefixOf s && (toString (s.drop 3)).all Char.isDigit || "match_".isPrefixOf s || "proof_".isPrefixOf s
    | _ => true

/-- Constants that every type of a class mentions, and that tell nothing of what a theorem is about. -/
def isInstance (name : Name) : Bool :=
  match name with
  | .str _ s => "inst".isPrefixOf s && ((s.toList.drop 4).head?.map Char.isUpper).getD false
  | _ => false

/-- Head of the conclusion, and number of explicit arguments. -/
partial def conclusion (type : Expr) (explicit : Nat := 0) : Name × Nat :=
  match type with
  | .forallE _ _ body info => conclusion body (if info.isExplicit then explicit + 1 else explicit)
  | .mdata _ body => conclusion body explicit
  | _ => (type.getAppFn.constName?.getD .anonymous, explicit)

/-- Equal for types that are the same but for the names of bound variables and universes. -/
def key (info : ConstantInfo) : String :=
  let levels := (List.range info.levelParams.length).map fun i => Level.param (.num `u i)
  let type := info.type.instantiateLevelParams info.levelParams levels
  let constants := type.getUsedConstants.foldl (fun found name => mixHash found name.hash) 7
  s!"{hash type}-{constants}-{type.approxDepth}"

/-- A type as Lean prints it; empty if it cannot be printed. -/
def printed (env : Environment) (type : Expr) : IO String := do
  let context : Core.Context := { fileName := "<listing>", fileMap := default, maxHeartbeats := 20000000 }
  try
    let (format, _) ← (Meta.MetaM.run' (Meta.ppExpr type)).toIO context { env }
    return format.pretty (width := 10000)
  catch _ => return ""

def modules (env : Environment) : Json :=
  let names := env.header.moduleNames
  let numbers : Std.HashMap Name Nat := names.foldl (fun found name => found.insert name found.size) {}
  let rows := (names.zip env.header.moduleData).map fun (name, data) =>
    let imported := data.imports.filterMap fun (found : Import) => numbers[found.module]?
    Json.arr #[toString name, Json.arr (imported.map fun (i : Nat) => Json.num (JsonNumber.fromNat i))]
  Json.arr rows

def row (env : Environment) (name : Name) (info : ConstantInfo) : IO Json := do
  let (head, explicit) := conclusion info.type
  let constants := info.type.getUsedConstants.filter fun constant => !isInstance constant
  let module : Int := ((env.getModuleIdxFor? name).map fun i => (i.toNat : Int)).getD (-1)
  return Json.arr #[
    toString name, module, key info, toString head, Json.arr (constants.map fun constant => (toString constant : Json)),
    explicit, ← printed env info.type]

end ProverListing

open ProverListing in
unsafe def main (arguments : List String) : IO UInt32 := do
  initSearchPath (← findSysroot)
  enableInitializersExecution
  let imports := (if arguments.isEmpty then ["Init"] else arguments).map fun module => { module := module.toName : Import }
  let env ← importModules imports.toArray {} (loadExts := true)
  let out ← IO.getStdout
  out.putStrLn (modules env).compress
  for (name, info) in env.constants.map₁.toList do
    if info matches .thmInfo _ then
      unless generated env name do
        out.putStrLn (← row env name info).compress
  return 0
