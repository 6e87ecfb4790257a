#!/bin/sh
# Serve a language model with vLLM, on GPUs if there are any, else on the CPU.
#
#   servers/vllm/serve.sh                             LLEMMA 7B on port 8000
#   MODEL=EleutherAI/llemma_34b TENSOR_PARALLEL=2 servers/vllm/serve.sh
#   MODEL=codellama/CodeLlama-7b-hf servers/vllm/serve.sh
#   MODEL=/models/mine NAME=mine PORT=8001 servers/vllm/serve.sh --seed 1
#   servers/vllm/serve.sh --set-up                    only install what is needed on the CPU
#   servers/vllm/serve.sh --print-length              only say how long a context the model is given
#
# Further arguments go to vLLM. README.md beside this file lists all variables and how much memory models need.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)

MODEL=${MODEL:-EleutherAI/llemma_7b}
NAME=${NAME:-$(basename "$MODEL")}
HOST=${HOST:-127.0.0.1}
PORT=${PORT:-8000}
# As long as the models' authors use them, see docs/reference/models.md. Provers that think first need room for it.
case $(printf %s "$MODEL" | tr 'A-Z_.' 'a-z--') in
    *goedel*prover*v2* | *kimina*prover*) length=40960 ;;
    *deepseek*prover*v2* | *leanabell*prover*v2* | *step*fun*prover*) length=32768 ;;
    *ntp-*) length=16384 ;;
    *llmstep* | *pythia*) length=2048 ;;
    *) length=4096 ;;
esac
MAX_LENGTH=${MAX_LENGTH:-$length}
case " $* " in *" --print-length "*) echo "$MAX_LENGTH"; exit 0 ;; esac
TENSOR_PARALLEL=${TENSOR_PARALLEL:-1}
DEVICE=${DEVICE:-auto}

if [ "$DEVICE" = auto ]; then
    if command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L >/dev/null 2>&1; then DEVICE=gpu; else DEVICE=cpu; fi
fi

# Prefix caching: the few-shot examples are the same for every state. Beam search asks for up to 20 alternatives.
set -- --served-model-name "$NAME" --host "$HOST" --port "$PORT" --max-model-len "$MAX_LENGTH" \
    --enable-prefix-caching --max-logprobs 64 "$@"
if [ -n "${QUANTIZATION:-}" ]; then set -- --quantization "$QUANTIZATION" "$@"; fi
if [ -n "${REVISION:-}" ]; then set -- --revision "$REVISION" "$@"; fi
if [ -n "${API_KEY:-}" ]; then export VLLM_API_KEY="$API_KEY"; fi

if [ "$DEVICE" = gpu ]; then
    if ! command -v vllm >/dev/null 2>&1; then
        echo "vLLM is not installed here; do: pip install 'vllm>=0.32', or use the Dockerfile beside this file" >&2
        exit 3
    fi
    exec vllm serve "$MODEL" --dtype "${DTYPE:-bfloat16}" --tensor-parallel-size "$TENSOR_PARALLEL" \
        --gpu-memory-utilization "${GPU_MEMORY:-0.90}" "$@"
fi

# Whoever stops us while something is installed stops that too: a shell alone would leave it running.
step() {
    "$@" &
    trap 'kill "$!" 2>/dev/null; exit 130' INT TERM HUP
    status=0
    wait "$!" || status=$?
    trap - INT TERM HUP
    return "$status"
}

# vLLM for the CPU wants PyTorch built for the CPU, which is not on PyPI but on an index of PyTorch's own: asked for only where
# pip's configuration finds none.
torch() {
    case $(uname) in Darwin) return 0 ;; esac
    step "$venv/bin/python" -m pip install -qq --disable-pip-version-check "$TORCH" 2>/dev/null ||
        step "$venv/bin/python" -m pip install -qq --disable-pip-version-check --extra-index-url "$TORCH_INDEX" "$TORCH"
}

venv=${VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/prover/vllm-cpu}
requirements="$here/requirements-cpu.txt"
TORCH='torch==2.13.0+cpu'
TORCH_INDEX=${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}
if ! cmp -s "$requirements" "$venv/.installed"; then
    echo "installing vLLM for the CPU into $venv (0.8 GB to download, a few minutes) ..." >&2
    rm -rf "$venv"
    step "${PYTHON:-python3}" -m venv "$venv"
    torch
    step "$venv/bin/python" -m pip install -qq --disable-pip-version-check --requirement "$requirements"
    step "$venv/bin/python" -m pip uninstall -qq --yes torchvision torchaudio torchcodec
    cp "$requirements" "$venv/.installed"
fi
case " $* " in *" --set-up "*) exit 0 ;; esac
export VLLM_CPU_KVCACHE_SPACE="${KV_CACHE_GB:-2}"
# Prompts whole, not in chunks: on the CPU, vLLM 0.32 ends when it rewinds the generator of a seeded request after a chunk.
batched=$((MAX_LENGTH > 8192 ? MAX_LENGTH : 8192))
set -- --no-enable-chunked-prefill --max-num-batched-tokens "$batched" "$@"
# The worker inside the engine's process, and threads that sleep while they wait: otherwise the engine polls while its worker
# computes, and the worker's threads while they wait for each other, which takes nearly half of the processor time from
# whatever runs beside. (The variable is what lets the CPU platform keep `uni`; the engine stays a process of its own.)
export VLLM_ENABLE_V1_MULTIPROCESSING=0 OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-PASSIVE}"
set -- --distributed-executor-backend uni "$@"
# `vllm serve` asks for a package named vllm and finds vllm-cpu; its module starts the same server.
exec "$venv/bin/python" -m vllm.entrypoints.openai.api_server --model "$MODEL" --dtype "${DTYPE:-bfloat16}" "$@"
