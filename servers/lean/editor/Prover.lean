import Prover.Options
import Prover.Request
import Prover.Answer
import Prover.Http
import Prover.Tactics
