"""From a problem in words to a formal statement and a sketch of its proof, both read by the proof assistant.

The assistant checks syntax and types. Whether the statement says what the words say is for people to judge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from pydantic import Field, computed_field

from prover._version import __version__
from prover.core.proof_state import Rejected, TimedOut
from prover.core.record import Frozen, Refutation
from prover.core.theorem import Theorem
from prover.environments.environment import ProofEnvironment
from prover.errors import InvalidTheoremError, NoModelError
from prover.models.model import LanguageModel, Sampling, seed_of_round
from prover.policies.llm.prompts.formalise import (
    Failure,
    Language,
    read_sketch,
    read_statement,
    sketch_prompt,
    statement_prompt,
)
from prover.policies.llm.prompts.isabelle_dsp import END
from prover.policies.llm.prompts.theorem_text import with_proof
from prover.proving.refute import refute, refutes_unasked

MAX_TOKENS = 512
READING_S = 60.0
TEMPERATURE = 0.6
SHOWN_FAILURES = 2
REFUTING = 2.0
"""Units of effort for a counterexample of each statement, with the embedded Lean."""
GAPS = "the proof uses sorry"
"""What verification says of a text whose only fault is that."""

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
    refutation: Refutation | None = Field(default=None, description="that the statement is false, if that was found")
    sketches: tuple[FormalSketch, ...] = ()

    @property
    def plausible(self) -> bool:
        """Does the assistant take it, and is it not known to be false?"""
        return not self.fault

    @property
    def fault(self) -> str:
        """What the assistant says against it, or for which values it is false; empty if nothing is known."""
        if self.refutation is None:
            return self.problem or ""
        values = self.refutation.in_words
        return f"the statement is false for {values}" if values else "the statement is false"


class Formalisation(Frozen):
    """What came of a problem in words.

    Statements that the assistant takes come first, then those that it takes and that are false, then the others; of
    each, more frequent before others.
    """

    prover_version: str = __version__
    problem: str
    solution: str = ""
    environment: str
    model: str
    statements: tuple[FormalStatement, ...] = ()

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def best(self) -> FormalStatement | None:
        """The most frequent statement that the assistant takes and that is not known to be false, or None."""
        return next((statement for statement in self.statements if statement.plausible), None)


class Formaliser:
    """Turns words into statements with one model and one assistant."""

    def __init__(
        self,
        environment: ProofEnvironment,
        model: LanguageModel | None,
        *,
        language: Language,
        read: ReadTheorem,
        temperature: float | None = None,
    ) -> None:
        """`model`: None is said when something is asked for. `temperature`: where a request says none."""
        self._environment = environment
        self._model = model
        self._language = language
        self._read = read
        self._temperature = TEMPERATURE if temperature is None else temperature

    @property
    def environment(self) -> str:
        """The assistant's identity."""
        return self._environment.identity

    async def formalise(
        self,
        problem: str,
        *,
        solution: str = "",
        samples: int = 8,
        rounds: int = 2,
        sketches: int = 4,
        temperature: float | None = None,
        seed: int = 0,
        timeout_s: float = READING_S,
    ) -> Formalisation:
        """Ask for statements and sketches; see the function `formalise`.

        Raises:
            NoModelError: there is no model.
            LanguageModelError: it cannot be asked.
            ProofEnvironmentError: the proof assistant failed.
        """
        if self._model is None:
            raise NoModelError("formalising needs a language model: --model URL, or PROVER_MODEL__URL")
        await self._model.identify()
        return await formalise(
            problem,
            solution=solution,
            language=self._language,
            environment=self._environment,
            model=self._model,
            read=self._read,
            samples=samples,
            rounds=rounds,
            sketches=sketches,
            temperature=self._temperature if temperature is None else temperature,
            seed=seed,
            timeout_s=timeout_s,
        )


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
    temperature: float = TEMPERATURE,
    seed: int = 0,
    timeout_s: float = READING_S,
) -> Formalisation:
    """Ask for statements until the assistant takes one, at most `rounds` times; then for sketches of its proof.

    `samples`: statements asked for in a round; `timeout_s`: for the assistant to read one text.

    Raises:
        LanguageModelError: the model cannot be asked.
        ProofEnvironmentError: the proof assistant failed.
    """
    counts: Counter[str] = Counter()
    checked: dict[str, FormalStatement] = {}
    for number in range(rounds):
        failures = [Failure(s.statement, s.fault) for s in checked.values()][-SHOWN_FAILURES:]
        prompt = statement_prompt(language, problem, solution, failures)
        for answer in await _answers(model, prompt, samples, temperature, seed_of_round(seed, number)):
            if statement := read_statement(language, answer):
                counts[statement] += 1
        for statement in counts:
            if statement not in checked:
                checked[statement] = await _checked(statement, environment, read, timeout_s)
        if any(statement.plausible for statement in checked.values()):
            break
    found = [statement.model_copy(update={"times": counts[text]}) for text, statement in checked.items()]
    found.sort(key=lambda some: (some.problem is not None, some.refutation is not None, -some.times))
    if found and found[0].plausible and sketches:
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
        theorem = read(statement)
        async with environment.open(theorem, timeout_s=timeout_s) as session:
            if unknown := session.theorem.auto_bound:  # a model's slip rather than a variable
                return FormalStatement(statement=statement, problem=f"declared nowhere: {', '.join(unknown)}")
            state = session.initial.text
        refutation = await refute(theorem, environment, effort=REFUTING) if refutes_unasked(environment) else None
        return FormalStatement(statement=statement, state=state, refutation=refutation)
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
            problem = await _lean_problem(f"{statement} := by", text, environment, read, timeout_s)
            found.append(FormalSketch(text=text, problem=problem))
    elif texts:  # its sessions run a text with gaps, and say that it gives up if that was all
        async with environment.open(read(statement), timeout_s=timeout_s) as session:
            for text in texts:
                (outcome,) = await session.apply(session.initial, [text], timeout_s=timeout_s)
                problem = outcome.message if isinstance(outcome, Rejected | TimedOut) else None
                found.append(FormalSketch(text=text, problem=problem))
    return tuple(sorted(found, key=lambda sketch: sketch.problem is not None))


async def _lean_problem(
    opening: str, sketch: str, environment: ProofEnvironment, read: ReadTheorem, timeout_s: float
) -> str | None:
    """Return what Lean says against a sketch, or None. That it leaves gaps says nothing against it."""
    try:
        whole = read(with_proof(opening, sketch))
        verdict = await environment.check_source(whole, against=None, timeout_s=timeout_s)
    except InvalidTheoremError as error:
        return error.reason
    errors = [message.text for message in verdict.messages if message.severity == "error"]
    if errors or verdict.accepted or verdict.reason == GAPS:
        return errors[0] if errors else None
    return verdict.reason
