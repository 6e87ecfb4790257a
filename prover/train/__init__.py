"""Training language models: model, recipe, trainer. Needs the extra `train`; of the package it knows `data` alone."""
