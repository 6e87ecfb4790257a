"""Training language models: data, model, trainer. Needs the extra `train`; imports nothing else of the package."""
