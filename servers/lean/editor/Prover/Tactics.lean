import Lean
import Prover.Http

/-! `suggest?`, `prove?` and `premises?`.

Whatever the service says is tried here, in the goal as it is: what does not work is not shown. Written with few and
basic functions of Lean (`getUnsolvedGoals` rather than `getMainGoal`), because those also run in the embedded Lean,
where it is tested. -/

namespace Prover
open Lean Elab Tactic

/-- What became of a proof text in the goal. -/
inductive Trial
  | closes
  | leaves (goals : Nat)
  | fails

/-- Everything that a tactic changes. -/
private structure Checkpoint where
  core : Core.State
  metaState : Meta.State
  term : Term.State
  tactic : Tactic.State

private def checkpoint : TacticM Checkpoint := do
  return { core := ← getThe Core.State, metaState := ← getThe Meta.State, term := ← getThe Term.State, tactic := ← get }

private def goBack (to : Checkpoint) : TacticM Unit := do
  modifyThe Core.State fun _ => to.core
  modifyThe Meta.State fun _ => to.metaState
  modifyThe Term.State fun _ => to.term
  set to.tactic

/-- Run something whose failure is a value. What it changed stays changed. -/
private def caught (act : TacticM Unit) : TacticM (Except Exception Unit) :=
  fun tacticContext tactic termContext term metaContext metaState coreContext core =>
    (act tacticContext tactic termContext term metaContext metaState coreContext core).toBaseIO

/-- Give something as much to compute as a declaration has, whatever was used up before. -/
private def afresh (act : TacticM Unit) : TacticM Unit := do
  let now ← IO.getNumHeartbeats
  withTheReader Core.Context ({ · with initHeartbeats := now }) act

private def count : List MVarId → Nat
  | [] => 0
  | _ :: rest => count rest + 1

/-- Read and run lines of tactics on the goal. -/
private def runLines (lines : List String) : TacticM Unit := do
  match Parser.runParserCategory (← getEnv) `tactic ("(" ++ indented 1 lines ++ "\n)") with
  | .ok stx => evalTactic stx
  | .error reason => throwError reason

/-- Was the first of these goals solved with `sorry`? -/
private def givesUp : List MVarId → TacticM Bool
  | [] => return false
  | goal :: _ => return (← instantiateMVars (.mvar goal)).hasSorry

/-- Try lines of tactics on the first goal, and leave everything as it was. -/
private def try? (lines : List String) : TacticM Trial := do
  let before ← checkpoint
  let goals ← getUnsolvedGoals
  modifyThe Core.State fun state => { state with messages := {} }
  let result ← caught (afresh do runLines lines; Term.synthesizeSyntheticMVarsNoPostponing)
  let left := count (← getUnsolvedGoals) + 1 - count goals
  let bad := (← getThe Core.State).messages.hasErrors || (← givesUp goals)
  goBack before
  match result with
  | .error _ => return .fails
  | .ok _ => return if bad then .fails else if left == 0 then .closes else .leaves left

/-- Text before the tactic, and the column of its line's first character. -/
private def place (tactic : Syntax) : TacticM (String × Nat) := do
  let map ← getFileMap
  let before := String.Pos.Raw.extract map.source 0 (tactic.getPos?.getD 0)
  let mut line := ""
  for next in before.splitOn "\n" do line := next
  return (before, column line.toList)
where
  column : List Char → Nat
    | ' ' :: rest => column rest + 1
    | '·' :: ' ' :: rest => column rest + 2
    | _ => 0

private def firstGoal : TacticM String := do
  match ← getUnsolvedGoals with
  | [] => throwError "there is no goal"
  | goal :: _ => return (← Meta.ppGoal goal).pretty

private def contextFor (before : String) : TacticM String := do
  return if (← getOptions).getBool `prover.context true then contextOf before else ""

private def answer {α : Type} : Except String α → TacticM α
  | .ok found => pure found
  | .error reason => throwError reason

private def offer (tactic : Syntax) (column : Nat) (lines : List String) (header : String) : TacticM Unit :=
  Meta.Tactic.TryThis.addSuggestion tactic { suggestion := .string (indented column lines) } (header := header)

/-- Try the suggestions in their order, what closes the goal before what does not. -/
private def sorted : List Suggestion → TacticM (List String × List (String × Nat))
  | [] => return ([], [])
  | suggestion :: rest => do
    let trial ← try? [suggestion.tactic]
    let (closing, leaving) ← sorted rest
    match trial with
    | .closes => return (suggestion.tactic :: closing, leaving)
    | .leaves goals => return (closing, (suggestion.tactic, goals) :: leaving)
    | .fails => return (closing, leaving)

/-- Ask for suggestions, try them, offer those that work, and go on with the best. `begun`: how they begin. -/
def suggest (transport : Transport) (tactic : Syntax) (begun : String := "") : TacticM Unit := do
  let service ← serviceOf (← getOptions)
  let wanted := (← getOptions).getNat `prover.suggestions 16
  let (before, column) ← place tactic
  let request := tacticsRequest (← firstGoal) (← contextFor before) wanted begun
  let found ← answer (readSuggestions (← answer (← ask transport service request)))
  let (closing, leaving) ← sorted found.suggestions
  for text in closing do
    offer tactic column [text] "Try this (closes the goal):"
  for (text, goals) in leaving do
    offer tactic column [text] ("Try this (leaves " ++ toString goals ++ if goals == 1 then " goal):" else " goals):")
  match closing, leaving with
  | best :: _, _ => runLines [best]
  | [], (best, _) :: _ => runLines [best]
  | [], [] => throwError "none of the service's suggestions works here"

/-- Show something at a tactic, as `logInfoAt` does, which the embedded Lean cannot run. -/
private def inform (tactic : Syntax) (text : MessageData) : TacticM Unit := do
  let (start, stop) := (tactic.getPos?.getD 0, tactic.getTailPos?.getD 0)
  let message := mkMessageCore (← getFileName) (← getFileMap) (← addMessageContextFull text) .information start stop
  modifyThe Core.State fun state => { state with messages := state.messages.add message }

/-- Those of these theorems that this file has, each with its statement, a line each. -/
private def stated : List String → TacticM MessageData
  | [] => return .nil
  | name :: rest => do
    let more ← stated rest
    match (← getEnv).find? name.toName with
    | some found => return m!"\n{MessageData.ofConstName name.toName} : {found.type}{more}"
    | none => return more

/-- Ask for theorems that may help, and show those that this file has. The goal stays as it is. -/
def premises (transport : Transport) (tactic : Syntax) : TacticM Unit := do
  let service ← serviceOf (← getOptions)
  let wanted := (← getOptions).getNat `prover.premises 16
  let (before, _) ← place tactic
  let request := premisesRequest (← firstGoal) (← contextFor before) wanted
  let (names, notes) ← answer (readPremises (← answer (← ask transport service request)))
  match names with
  | [] => throwError ("no theorems: " ++ "; ".intercalate notes)
  | _ => inform tactic m!"Theorems that may help:{← stated names}"

/-- Wait for a job's end, and cancel it when the editor loses interest. -/
private partial def wait (transport : Transport) (service : Service) (job : Job) : TacticM Job := do
  if job.ended then return job
  if ← IO.checkCanceled then
    discard <| transport service (cancelRequest job.id)
    throwError "cancelled"
  wait transport service (← answer (readJob (← answer (← ask transport service (jobRequest job.id)))))

/-- Let the service search for a proof of the whole goal, try it, offer it, and use it. -/
def prove (transport : Transport) (tactic : Syntax) : TacticM Unit := do
  let service ← serviceOf (← getOptions)
  let (before, column) ← place tactic
  let reading := tacticsRequest (← firstGoal) (← contextFor before) 1
  let read ← answer (readSuggestions (← answer (← ask transport service reading)))
  let some theoremText := read.theoremText? | throwError "the service's Lean cannot read this goal: does it need Mathlib?"
  let request := proofRequest theoremText ((← getOptions).getNat `prover.timeout 60)
  let job ← wait transport service (← answer (readJob (← answer (← ask transport service request))))
  let some tactics := job.tactics? | throwError ("no proof found: " ++ job.reason)
  let lines := proofLines read.renamed tactics
  match ← try? lines with
  | .closes =>
    offer tactic column lines "Try this:"
    runLines lines
  | _ => throwError ("the service's proof does not work here:\n" ++ "\n".intercalate lines)

/-- `suggest?` asks a running prover service what to try next, tries it, and shows what works. `suggest? "rw"`: only
what begins like this. -/
elab "suggest?" begun:(ppSpace str)? : tactic => do
  suggest curl (← getRef) (match begun with
    | some text => text.getString
    | none => "")

/-- `prove?` lets a running prover service search for a proof of the whole goal, and shows it. -/
elab tactic:"prove?" : tactic => prove curl tactic

/-- `premises?` asks a running prover service which theorems may help at the goal, and shows their statements. -/
elab tactic:"premises?" : tactic => premises curl tactic

end Prover
