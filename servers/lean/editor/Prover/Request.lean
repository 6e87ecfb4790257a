import Lean

/-! What is sent: requests as configuration of `curl`, which reads it from its standard input.

So neither the goal nor the API key can be seen in a list of processes, and no goal is too long for an argument. -/

namespace Prover
open Lean

/-- Where the service is (without a `/` at the end), and the key that it may want. -/
structure Service where
  url : String := "http://127.0.0.1:8080"
  apiKey? : Option String := none

/-- One request. `seconds`: the longest that an answer may take. -/
structure Request where
  method : String
  path : String
  body? : Option Json := none
  seconds : Nat := 30

/-- A text in quotes, as curl's configuration files have it. -/
def quoted (text : String) : String :=
  let escaped := text.foldl (init := "") fun done c =>
    match c with
    | '\\' => done ++ "\\\\"
    | '"' => done ++ "\\\""
    | '\n' => done ++ "\\n"
    | '\r' => done ++ "\\r"
    | '\t' => done ++ "\\t"
    | c => done.push c
  "\"" ++ escaped ++ "\""

/-- The arguments that make curl read what is below, and nothing of the user's own configuration. -/
def curlArguments : Array String := #["--disable", "--config", "-"]

/-- The request as curl's configuration. The answer's status comes in a line of its own after the body. -/
def Request.configuration (service : Service) (request : Request) : String :=
  let key := match service.apiKey? with
    | some key => "header = " ++ quoted ("Authorization: Bearer " ++ key) ++ "\n"
    | none => ""
  let body := match request.body? with
    | some body => "header = \"Content-Type: application/json\"\ndata-raw = " ++ quoted body.compress ++ "\n"
    | none => ""
  "url = " ++ quoted (service.url ++ request.path) ++ "\nrequest = " ++ quoted request.method ++
    "\nsilent\nshow-error\nmax-time = " ++ toString request.seconds ++ "\nwrite-out = \"\\n%{http_code}\"\n" ++ key ++ body

/-- A printed goal, what comes before it in its file, and how many answers are wanted. -/
private def about (state context : String) (count : Nat) : List (String × Json) :=
  [("state", state), ("header", context), ("n", count)]

/-- `POST /v1/tactics`: suggestions for a goal. `begun`: how each of them begins. -/
def tacticsRequest (state context : String) (count : Nat) (begun : String := "") : Request where
  method := "POST"
  path := "/v1/tactics"
  body? := some <| Json.mkObj <|
    if begun.isEmpty then about state context count else ("prefix", Json.str begun) :: about state context count
  seconds := 120

/-- `POST /v1/premises`: theorems that may help at a goal. -/
def premisesRequest (state context : String) (count : Nat) : Request where
  method := "POST"
  path := "/v1/premises"
  body? := some <| Json.mkObj (about state context count)
  seconds := 120

/-- `POST /v1/proofs`: a theorem as a job. -/
def proofRequest (theoremText : String) (seconds : Nat) : Request where
  method := "POST"
  path := "/v1/proofs?wait_s=1"
  body? := some <| Json.mkObj [("theorem", theoremText), ("budget", Json.mkObj [("timeout_s", seconds)])]

/-- `GET /v1/proofs/ID`: how far the job is. Short waits, so that the editor can cancel. -/
def jobRequest (job : String) : Request where
  method := "GET"
  path := "/v1/proofs/" ++ job ++ "?wait_s=1"

/-- `DELETE /v1/proofs/ID`. -/
def cancelRequest (job : String) : Request where
  method := "DELETE"
  path := "/v1/proofs/" ++ job

/-- Does a declaration begin with this line? -/
def beginsDeclaration (line : String) : Bool := Id.run do
  for word in ["theorem", "lemma", "example", "def", "instance", "abbrev", "private", "protected", "noncomputable",
      "nonrec", "@["] do
    if line.startsWith word then return true
  return false

/-- What a file has before the declaration that ends in `text`: imports, openings, definitions, earlier theorems. -/
def contextOf (text : String) : String := Id.run do
  let mut context := ""
  let mut before := ""
  let mut attributed := false
  for line in text.splitOn "\n" do
    if beginsDeclaration line && !attributed then context := before
    attributed := line.startsWith "@["
    before := before ++ line ++ "\n"
  return context

end Prover
