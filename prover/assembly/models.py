"""Language models and encoders, as the settings name them."""

from __future__ import annotations

from pathlib import Path

from prover.errors import InvalidPolicyError
from prover.models.encoder import EmbeddingsEncoder, Encoder, LexicalEncoder
from prover.models.model import LanguageModel
from prover.policies.learned.orders import ORDER
from prover.settings import EncoderSettings, ModelSettings
from prover.small_model import FOLDER

NO_MODEL, SMALL = "none", "small"


def language_model(settings: ModelSettings) -> LanguageModel | None:
    """Return the model that is configured, if one is. Nothing is sent or loaded yet.

    Raises:
        InvalidPolicyError: its address is none.
    """
    if settings.url is None or settings.url == NO_MODEL or small_folder(settings):
        return None  # the small model is there for steps alone, see `small_writer`
    kind, _, name = settings.url.partition(":")
    if kind == "transformers" and name:
        from prover.models.encoder_decoder import EncoderDecoderModel

        return EncoderDecoderModel(name)
    from prover.models.openai_completions import OpenAICompletions

    try:
        return OpenAICompletions(
            settings.url.split(","),
            model=settings.name,
            api_key=settings.api_key.get_secret_value() if settings.api_key else None,
            timeout_s=settings.timeout_s,
            concurrency=settings.concurrency,
            forbidden=settings.forbidden,
        )
    except ValueError as error:
        raise InvalidPolicyError(str(error)) from error


def small_folder(settings: ModelSettings) -> Path | None:
    """Return the folder of what was learned, if the settings ask for it; without a model in them, of what ships."""
    if settings.url is None:
        return FOLDER
    kind, _, name = settings.url.partition(":")
    return (Path(name) if name else FOLDER) if kind == SMALL else None


def small_writer(settings: ModelSettings) -> LanguageModel | None:
    """Return the small model, if the settings ask for it; none if the folder has but an order of the closers.

    Raises:
        InvalidPolicyError: there is neither in that folder.
        LanguageModelError: it cannot be read.
    """
    folder = small_folder(settings)
    if folder is None or ((folder / ORDER).exists() and not (folder / "config.json").exists()):
        return None
    if not (folder / "config.json").exists():
        raise InvalidPolicyError(f"there is no small model in {folder}; `make small-model` trains one")
    from prover.models.embedded import EmbeddedModel

    return EmbeddedModel(folder)


def encoder(settings: EncoderSettings) -> Encoder:
    """Return what turns texts into vectors. Nothing is sent yet; `close` ends its connections."""
    if settings.url is None:
        return LexicalEncoder()
    key = settings.api_key.get_secret_value() if settings.api_key else None
    return EmbeddingsEncoder(settings.url, settings.name, api_key=key)
