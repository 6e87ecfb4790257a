"""`prover eval perplexity`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from prover.assembly.models import language_model
from prover.bench.mathematics.benchmarks import WORDS
from prover.bench.mathematics.perplexity import TIMEOUT_S, Perplexity, solutions
from prover.bench.mathematics.perplexity import perplexity as measured
from prover.bench.mathematics.problem_rows import problem_rows
from prover.cli.exits import BAD_INPUT
from prover.cli.extras import require
from prover.cli.run import Stop, run
from prover.cli.show import out, print_json, show_error
from prover.core.plurals import counted
from prover.errors import InvalidProblemSetError
from prover.settings import ModelSettings, Settings


@click.command()
@click.option("--model", "model_url", metavar="URL", help="OpenAI-compatible server that repeats texts (`echo`).  "
              "[default: PROVER_MODEL__URL]")  # fmt: skip
@click.option("--model-name", metavar="NAME", help="Model on the server.  [default: its first]")
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR",
              help="Folder with math/SPLIT.jsonl.  [default: downloaded from the Hugging Face hub]")  # fmt: skip
@click.option("--split", type=click.Choice(["train", "test"]), default="train", show_default=True,
              help="Which solutions.")  # fmt: skip
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Use the first N solutions.  [default: all]")
@click.option("--json", "as_json", is_flag=True, help="Print the perplexity as JSON.")
@click.pass_context
def perplexity(
    ctx: click.Context,
    model_url: str | None,
    model_name: str | None,
    data: Path | None,
    split: str,
    limit: int | None,
    as_json: bool,
) -> None:
    """Measure the perplexity of a served model on the solutions of MATH.

    Each solution is scored behind its problem, as the Llemma authors do it: zero-shot, per byte. Solutions that do not
    fit into the model's context are left out and counted.

    \b
      prover eval perplexity --model http://localhost:8000
    """  # noqa: D301
    if data is None:
        require("eval", "`prover eval perplexity` without --data")
    settings = Settings().model
    url, changed = model_url or settings.url, {"name": model_name or settings.name}
    model = language_model(ModelSettings.model_validate(settings.model_dump() | changed | {"url": url}))
    if model is None or url is None:
        raise click.UsageError("--model URL is needed: an OpenAI-compatible server, such as vLLM")
    try:
        pairs = solutions(problem_rows(WORDS["math"], data, split)[:limit])
    except InvalidProblemSetError as error:
        show_error(str(error))
        ctx.exit(BAD_INPUT)
    key = settings.api_key.get_secret_value() if settings.api_key else None

    async def work(_: Stop) -> tuple[str, Perplexity]:
        try:
            name = await model.identify()
        finally:
            await model.close()
        return name, await measured(
            url.split(",")[0], name, pairs, api_key=key, timeout_s=settings.timeout_s or TIMEOUT_S
        )

    name, found = run(work)
    if as_json:
        print_json({"model": name, "split": split, "limit": limit, **asdict(found)})
        return
    out.print(
        f"{name}: perplexity {found.by_byte:.4f} by byte, {found.by_token:.3f} by token, on "
        f"{counted(found.solutions, 'solution')} of MATH ({split})"
    )
    if found.too_long:
        out.print(f"{counted(found.too_long, 'solution')} too long for the model's context, left out")
