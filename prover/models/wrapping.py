"""What stands in front of a language model and passes on all that it does not change."""

from __future__ import annotations

from prover.models.model import LanguageModel, Usage, context_of_model, notes_of_model


class WrappedModel:
    """The model's own answers to everything but `complete`."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model

    @property
    def identity(self) -> str:
        """The model's."""
        return self._model.identity

    @property
    def usage(self) -> Usage:
        """What was asked of the model itself."""
        return self._model.usage

    @property
    def context(self) -> int | None:
        """The model's."""
        return context_of_model(self._model)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the model's server could not do."""
        return notes_of_model(self._model)

    async def identify(self) -> str:
        """Return the model's name; see LanguageModel."""
        return await self._model.identify()

    async def close(self) -> None:
        """Close the model."""
        await self._model.close()
