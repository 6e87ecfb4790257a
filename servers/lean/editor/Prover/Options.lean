import Lean

/-! Options of `suggest?` and `prove?`. The API key is no option: it would end up in a file that others read. -/

register_option prover.url : String := {
  defValue := ""
  descr := "address of the prover service; otherwise PROVER_REMOTE__URL, otherwise http://127.0.0.1:8080"
}

register_option prover.timeout : Nat := {
  defValue := 60
  descr := "seconds that `prove?` lets the service search"
}

register_option prover.suggestions : Nat := {
  defValue := 16
  descr := "suggestions that `suggest?` asks for and tries"
}

register_option prover.premises : Nat := {
  defValue := 16
  descr := "theorems that `premises?` asks for"
}

register_option prover.context : Bool := {
  defValue := true
  descr := "send the file's text before the declaration, so that the service knows its definitions"
}
