"""From a problem in words to a formal statement and a sketch of its proof, both read by the proof assistant.

The assistant checks syntax and types. Whether the statement says what the words say is for people to judge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from pydantic import Field

from prover._version import __version__
from prover.environments.environment import ProofEnvironment
from prover.errors import InvalidTheoremError
from prover.language_model.model import LanguageModel, Sampling, seed_of_round
from prover.policy.prompts.formalise import (
    Failure,
    Language,
    read_sketch,
    read_statement,
    sketch_prompt,
    statement_prompt,
)
from prover.policy.prompts.isabelle_dsp import END
from prover.policy.prompts.lean_code import with_proof
from prover.proof_state import Rejected, TimedOut
from prover.record import Frozen
from prover.theorem import Theorem

MAX_TOKENS = 512
SKETCH_S = 60.0
SHOWN_FAILURES = 2

ReadTheorem = Callable[[str], Theorem]
"""Makes a Theorem of a text; raises InvalidTheoremError."""


class FormalSketch(Frozen):
    """A proof with gaps; `problem`: what the assistant says against it, None if it reads and types."""

    text: str
    problem: str | None = None


class FormalStatement(Frozen):
    """A statement that the model gave; `problem`: what the assistant says against it."""

    statement: str
    times: int = Field(default=1, description="how often the model gave it")
    problem: str | None = None
    state: str | None = Field(default=None, description="the first proof state, as the assistant prints it")
    sketches: tuple[FormalSketch, ...] = ()


class Formalisation(Frozen):
    """What came of a problem in words; statements that the assistant takes come first, more frequent before others."""

    prover_version: str = __version__
    problem: str
    solution: str = ""
    environment: str
    model: str
    statements: tuple[FormalStatement, ...] = ()

    @property
    def best(self) -> FormalStatement | None:
        """The most frequent statement that the assistant takes, or None."""
        return next((statement for statement in self.statements if statement.problem is None), None)


async def formalise(
    problem: str,
    *,
    solution: str = "",
    language: Language,
    environment: ProofEnvironment,
    model: LanguageModel,
    read: ReadTheorem,
    samples: int = 8,
    rounds: int = 2,
    sketches: int = 4,
    temperature: float = 0.6,
    seed: int = 0,
    timeout_s: float = SKETCH_S,
) -> Formalisation:
    """Ask for statements until the assistant takes one, at most `rounds` times; then for sketches of its proof.

    Raises:
        LanguageModelError: the model cannot be asked.
        ProofEnvironmentError: the proof assistant failed.
    """
    counts: Counter[str] = Counter()
    checked: dict[str, FormalStatement] = {}
    for number in range(rounds):
        failures = [Failure(s.statement, s.problem or "") for s in checked.values()][-SHOWN_FAILURES:]
        prompt = statement_prompt(language, problem, solution, failures)
        for answer in await _answers(model, prompt, samples, temperature, seed_of_round(seed, number)):
            if statement := read_statement(language, answer):
                counts[statement] += 1
        for statement in counts:
            if statement not in checked:
                checked[statement] = await _checked(statement, environment, read, timeout_s)
        if any(statement.problem is None for statement in checked.values()):
            break
    found = [statement.model_copy(update={"times": counts[text]}) for text, statement in checked.items()]
    found.sort(key=lambda statement: (statement.problem is not None, -statement.times))
    if found and found[0].problem is None and sketches:
        prompt = sketch_prompt(language, problem, solution, found[0].statement)
        answers = await _answers(model, prompt, sketches, temperature, seed_of_round(seed, rounds))
        texts = [read_sketch(language, answer, found[0].statement) for answer in answers]
        drawn = await _sketched(
            list(dict.fromkeys(filter(None, texts))), found[0].statement, language, environment, read, timeout_s
        )
        found[0] = found[0].model_copy(update={"sketches": drawn})
    return Formalisation(
        problem=problem,
        solution=solution,
        environment=environment.identity,
        model=model.identity,
        statements=tuple(found),
    )


async def _answers(model: LanguageModel, prompt: str, samples: int, temperature: float, seed: int) -> list[str]:
    sampling = Sampling(
        n=1 if temperature == 0 else samples, temperature=temperature, max_tokens=MAX_TOKENS, stop=(END,), seed=seed
    )
    (completions,) = await model.complete([prompt], sampling)
    return [completion.text for completion in completions]


async def _checked(
    statement: str, environment: ProofEnvironment, read: ReadTheorem, timeout_s: float
) -> FormalStatement:
    try:
        async with environment.open(read(statement), timeout_s=timeout_s) as session:
            return FormalStatement(statement=statement, state=session.initial.text)
    except InvalidTheoremError as error:
        said = "; ".join(message.text for message in error.messages if message.severity == "error")
        return FormalStatement(statement=statement, problem=said or error.reason)


async def _sketched(
    texts: list[str],
    statement: str,
    language: Language,
    environment: ProofEnvironment,
    read: ReadTheorem,
    timeout_s: float,
) -> tuple[FormalSketch, ...]:
    found = []
    if language == "lean":
        for text in texts:
            whole = read(with_proof(f"{statement} := by", text))
            verdict = await environment.check_source(whole, against=None, timeout_s=timeout_s)
            errors = [message.text for message in verdict.messages if message.severity == "error"]
            problem = errors[0] if errors else verdict.reason if verdict.timed_out else None
            found.append(FormalSketch(text=text, problem=problem))
    elif texts:  # its sessions run a text with gaps, and say that it gives up if that was all
        async with environment.open(read(statement), timeout_s=timeout_s) as session:
            for text in texts:
                (outcome,) = await session.apply(session.initial, [text], timeout_s=timeout_s)
                problem = outcome.message if isinstance(outcome, Rejected | TimedOut) else None
                found.append(FormalSketch(text=text, problem=problem))
    return tuple(sorted(found, key=lambda sketch: sketch.problem is not None))
