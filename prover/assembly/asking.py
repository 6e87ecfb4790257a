"""How the configured model is asked: by its family, by the settings, by a file of words."""

from __future__ import annotations

from prover.errors import InvalidPolicyError
from prover.models.model import LanguageModel, context_of_model
from prover.policies.llm.families import Chosen, Family, chosen_for
from prover.policies.llm.prompts.prompt import PromptFormat
from prover.policies.llm.prompts.prompt_files import digest_of, with_words_of
from prover.policies.llm.sampling import LlmOptions
from prover.settings import ModelSettings

IN_PROCESS = "transformers:"


def asking(
    model: LanguageModel, settings: ModelSettings, *, default: Family | None = None
) -> tuple[PromptFormat, LlmOptions]:
    """Return the format of the prompts and how answers are drawn, for a model that has been identified.

    What the settings leave open is as the authors of the model publish it. `default`: what is taken without a format
    in the settings, whatever the model is called.

    Raises:
        InvalidPolicyError: there is no such format, or the model cannot be asked like this.
        InvalidPromptError: the file of words cannot be used.
    """
    try:
        automatic = default is not None and settings.prompt == "auto"
        chosen = Chosen(default) if automatic and default else chosen_for(model.identity, settings.prompt)
    except ValueError as error:
        raise InvalidPolicyError(str(error)) from error
    family, prompt, words = chosen.family, chosen.prompt, ""
    _check_endpoint(family, model, settings)
    if settings.prompt_file:
        prompt, words = with_words_of(prompt, settings.prompt_file), digest_of(settings.prompt_file)
    return prompt, LlmOptions(
        samples=settings.samples or prompt.samples,
        batches=settings.rounds or family.rounds,
        corrections=family.corrections or 1,
        temperature=settings.temperature,
        max_tokens=settings.max_tokens,
        normalised=family.normalised,
        beam=settings.beam or family.beam,
        words=words,
        notes=(*chosen.notes, *_notes(family, prompt, model)),
    )


def _check_endpoint(family: Family, model: LanguageModel, settings: ModelSettings) -> None:
    if family.endpoint == "transformers" and settings.url and not settings.url.startswith(IN_PROCESS):
        raise InvalidPolicyError(
            f"{model.identity} is an encoder-decoder, which completions servers do not run; "
            f"give it as --model {IN_PROCESS}NAME"
        )


def _notes(family: Family, prompt: PromptFormat, model: LanguageModel) -> list[str]:
    notes = []
    if prompt.own_words:
        notes.append(
            f"the words around the theorem are ours, and {model.identity} was trained on others: --prompt-file takes "
            "those of its authors"
        )
    context = context_of_model(model)
    if context and context < family.context and context < prompt.max_tokens:
        notes.append(
            f"{model.identity} is served with a context of {context:,} tokens, and its answers may have "
            f"{prompt.max_tokens:,}: serve it with {family.context:,}"
        )
    return notes
