import Lean

/-! What comes back: JSON of the service, and what is shown of it. -/

namespace Prover
open Lean

/-- What the service said of a suggestion, before it is tried here. -/
structure Suggestion where
  tactic : String
  outcome : String

/-- An answer of `POST /v1/tactics`. `theoremText?`: the goal as the service read it; `renamed`: its names in there for
variables that have none here. -/
structure Suggestions where
  suggestions : List Suggestion
  theoremText? : Option String
  renamed : List String

/-- A job: `tactics?` when it is proved, `reason` when it has ended without a proof. -/
structure Job where
  id : String
  ended : Bool
  tactics? : Option (List String)
  reason : String

private def member (json : Json) (name : String) : Except String Json := json.getObjVal? name

private def text (json : Json) (name : String) : Except String String := do (← member json name).getStr?

/-- A text that is missing, null, or there. -/
def text? (json : Json) (name : String) : Option String :=
  match text json name with
  | .ok found => some found
  | .error _ => none

private def list (json : Json) (name : String) : Except String (List Json) := do
  return (← (← member json name).getArr?).toList

private def texts : List Json → Except String (List String)
  | [] => return []
  | json :: rest => return (← json.getStr?) :: (← texts rest)

private def suggestionsOf : List Json → Except String (List Suggestion)
  | [] => return []
  | json :: rest => do
    return { tactic := ← text json "tactic", outcome := ← text json "outcome" } :: (← suggestionsOf rest)

/-- Body and status of what curl prints. -/
def bodyAndStatus (output : String) : String × String := Id.run do
  let mut body := ""
  let mut status := ""
  for line in output.splitOn "\n" do
    body := body ++ status ++ "\n"
    status := line
  return (body, status)

/-- What a problem (RFC 9457) says; its status where it is none. -/
def problem (body status : String) : String := Id.run do
  let mut said := "the service answers " ++ status
  if let .ok json := Json.parse body then
    for name in ["title", "detail", "hint"] do
      if let some more := text? json name then said := said ++ ": " ++ more
  return said

/-- The JSON of an answer, or what went wrong. -/
def jsonOf (output : String) : Except String Json := do
  let (body, status) := bodyAndStatus output
  unless status.startsWith "2" do throw (problem body status)
  Json.parse body

/-- Read an answer of `POST /v1/tactics`. -/
def readSuggestions (json : Json) : Except String Suggestions := do
  return {
    suggestions := ← suggestionsOf (← list json "suggestions")
    theoremText? := text? json "theorem"
    renamed := ← texts (← list json "renamed") }

private def namesOf : List Json → Except String (List String)
  | [] => return []
  | json :: rest => return (← text json "name") :: (← namesOf rest)

/-- Read an answer of `POST /v1/premises`: names of theorems, and why there are none. -/
def readPremises (json : Json) : Except String (List String × List String) := do
  return (← namesOf (← list json "premises"), ← texts (← list json "notes"))

/-- A verified refutation, in words: for which values of its variables the goal is false. -/
private def falseFor (json : Json) : Except String String := do
  let refutation ← member (← member json "record") "refutation"
  discard <| member refutation "verification"
  let mut values := ""
  if let .ok counterexample := member refutation "counterexample" >>= Json.getObj? then
    for (name, value) in counterexample do
      values := values ++ (if values.isEmpty then " for " else ", ") ++ name ++ " = " ++ (← value.getStr?)
  return "it is false" ++ values

private def reasonOf (json : Json) : String :=
  let failure := do text (← member json "failure") "reason"
  let stopped := do text (← member (← member json "record") "search") "stop"
  match failure, falseFor json, stopped with
  | .ok reason, _, _ => reason
  | _, .ok words, _ => words
  | _, _, .ok "exhausted" => "everything that the policy proposes was tried"
  | _, _, .ok "budget_spent" => "the time is up; `set_option prover.timeout SECONDS` gives more"
  | _, _, _ => "the job was " ++ (text? json "status").getD "lost"

/-- Read a job. It has a proof only if the service says that verification accepted one. -/
def readJob (json : Json) : Except String Job := do
  let status ← text json "status"
  let ended := status != "queued" && status != "running"
  let proved := match member json "proved" with
    | .ok (.bool true) => true
    | _ => false
  let tactics? ← if ended && proved
    then some <$> (do texts (← list (← member json "record") "proof_tactics"))
    else pure none
  return { id := ← text json "id", ended, tactics?, reason := reasonOf json }

/-- A proof in the names of the goal here: `rename_i` gives names to what the service had to name. -/
def proofLines (renamed tactics : List String) : List String := Id.run do
  for tactic in tactics do
    for name in renamed do
      if let _ :: _ :: _ := tactic.splitOn name then
        return ("rename_i " ++ " ".intercalate renamed) :: tactics
  return tactics

/-- Lines that begin at `column`; the first stands there already. -/
def indented (column : Nat) (lines : List String) : String :=
  ("\n" ++ blanks column).intercalate (("\n".intercalate lines).splitOn "\n")
where
  blanks : Nat → String
    | 0 => ""
    | n + 1 => (blanks n).push ' '

end Prover
