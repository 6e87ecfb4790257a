import Lean
import Prover.Answer
import Prover.Request

/-! How it is sent: by `curl`, which every system has, so that nothing native is to be built. -/

namespace Prover
open Lean

/-- Send a request and return what curl printed. -/
abbrev Transport := Service → Request → IO (Except String String)

/-- Send with `curl`. -/
def curl : Transport := fun service request => do
  let spawned := IO.Process.output { cmd := "curl", args := curlArguments } (some (request.configuration service))
  match ← spawned.toBaseIO with
  | .error error => return .error ("curl cannot be started: " ++ toString error)
  | .ok output =>
    if output.exitCode == 0 then return .ok output.stdout
    return .error (service.url ++ " does not answer: " ++ output.stderr ++
      "start the service with `prover serve`, or say where it is with `set_option prover.url`")

/-- The service that options and process environment name, the same that `prover mcp` uses. -/
def serviceOf (options : Options) : IO Service := do
  let apiKey? ← IO.getEnv "PROVER_REMOTE__API_KEY"
  let here := options.getString `prover.url ""
  let elsewhere? ← IO.getEnv "PROVER_REMOTE__URL"
  let url := if here.isEmpty then elsewhere?.getD ({} : Service).url else here
  return { url, apiKey? }

/-- Send a request and read the answer. -/
def ask (transport : Transport) (service : Service) (request : Request) : IO (Except String Json) := do
  match ← transport service request with
  | .ok output => return jsonOf output
  | .error reason => return .error reason

end Prover
