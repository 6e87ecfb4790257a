"""Language models and encoders, as the settings name them."""

from __future__ import annotations

from pathlib import Path

from prover.errors import InvalidPolicyError, LanguageModelError
from prover.models.encoder import Encoder, LexicalEncoder
from prover.models.logged import LoggedModel
from prover.models.model import LanguageModel
from prover.policies.learned import SHIPPED
from prover.settings import EncoderSettings, ModelSettings

NO_MODEL, SMALL = "none", "small"
PROBE_S = 3.0
"""How long the answer to whether a model is there may take."""


def language_model(settings: ModelSettings, *, attempts: int | None = None) -> LanguageModel | None:
    """Return the model that is configured, if one is. Nothing is sent or loaded yet.

    `attempts`: how often a request is sent that fails for now.

    Raises:
        InvalidPolicyError: its address is none, or its log cannot be written.
    """
    if settings.url is None or settings.url == NO_MODEL or learned_folder(settings):
        return None
    try:
        model = _named(settings.url, settings, attempts)
        return LoggedModel(model, settings.log) if settings.log else model
    except ValueError as error:
        raise InvalidPolicyError(str(error)) from error


async def why_unusable(settings: ModelSettings) -> str | None:
    """Ask the configured model once; return why it cannot be used, None if it can be or there is none."""
    patience = settings.model_copy(update={"timeout_s": PROBE_S, "log": None})
    try:
        model = language_model(patience, attempts=1)
    except InvalidPolicyError as error:
        return str(error)
    if model is None or (settings.url or "").startswith("transformers:"):  # loaded when it is needed
        return None
    try:
        await model.identify()
    except LanguageModelError as error:
        return str(error)
    finally:
        await model.close()
    return None


async def model_answers(settings: ModelSettings) -> bool:
    """Can the configured model be used?"""
    return await why_unusable(settings) is None


def _named(url: str, settings: ModelSettings, attempts: int | None) -> LanguageModel:
    """Return the model at an address. Raises ValueError if it is none."""
    kind, _, name = url.partition(":")
    if kind == "transformers" and name:
        from prover.models.encoder_decoder import EncoderDecoderModel

        return EncoderDecoderModel(name)
    from prover.models.openai_completions import OpenAICompletions
    from prover.models.transport import ATTEMPTS

    return OpenAICompletions(
        url.split(","),
        model=settings.name,
        api_key=settings.api_key.get_secret_value() if settings.api_key else None,
        timeout_s=settings.timeout_s,
        concurrency=settings.concurrency,
        attempts=attempts or ATTEMPTS,
        forbidden=settings.forbidden,
    )


def learned_folder(settings: ModelSettings) -> Path | None:
    """Return the folder of the learned orders that the closers use: with no model configured, of those that ship."""
    if settings.url is None:
        return SHIPPED
    kind, _, name = settings.url.partition(":")
    return (Path(name) if name else SHIPPED) if kind == SMALL else None


def encoder(settings: EncoderSettings) -> Encoder:
    """Return what turns texts into vectors. Nothing is sent yet; `close` ends its connections."""
    if settings.url is None:
        return LexicalEncoder()
    from prover.models.embeddings_encoder import EmbeddingsEncoder  # an HTTP client takes long to import

    key = settings.api_key.get_secret_value() if settings.api_key else None
    return EmbeddingsEncoder(settings.url, settings.name, api_key=key)
