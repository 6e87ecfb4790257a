#!/bin/sh
# The learned orders and the small Llama, from nothing: mine with Lean, learn the orders, train a Llama in two stages.
#
#   research/make.sh RUNS        everything in folder RUNS; run it again to go on where it was stopped
#   research/make.sh RUNS ship   and the orders into the package
#
# STATED, TRACED, EXPLORED, ROUND_TRACED: theorems mined (all, 4,000, 1,500, 4,000 a round); BASE_STEPS, CONTINUED_STEPS,
# ROUND_STEPS: steps of training; ROUNDS of expert iteration; WORKERS; PROVER, PYTHON: programs. On two cores: mining
# some three hours, training one. Needs the extra `train`, and apt-get for Debian's documentation; a C++ compiler
# halves the time of training.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
export PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"
runs=${1:?folder of the runs}
PROVER=${PROVER:-prover} PYTHON=${PYTHON:-python3} WORKERS=${WORKERS:-2}
EXPLORED=${EXPLORED:-1500} TRACED=${TRACED:-4000} BASE_STEPS=${BASE_STEPS:-2000} CONTINUED_STEPS=${CONTINUED_STEPS:-3000}
ROUNDS=${ROUNDS:-2} ROUND_STEPS=${ROUND_STEPS:-800} ROUND_TRACED=${ROUND_TRACED:-$TRACED}
compile=false
if command -v c++ > /dev/null; then compile=true; fi
LEAN='theorems of Init, Lean 4.28'
mkdir -p "$runs"

mine() {
    name=$1 what=$2 && shift 2
    [ -e "$runs/$name.done" ] && return
    "$PROVER" mine "$what" "$@" --workers "$WORKERS" --resume --output "$runs/$name"
    touch "$runs/$name.done"
}

# Mathematics: the library's statements; what proves them; what became of tactics that were tried in random order.
mine statements statements ${STATED:+--sample "$STATED"}
mine traces traces library --sample "$TRACED" --effort 3 --seed 0 --model none
mine outcomes outcomes library --sample "$EXPLORED" --seed 0
mine outcomes-core outcomes core --seed 0
"$PYTHON" -m prover.train.tactic_order "$runs/outcomes" "$runs/outcomes-core" --output "$runs/order"
# 2: too few were closed with premises; these stay in the order of retrieval.
"$PYTHON" -m prover.train.premise_order "$runs/outcomes" --output "$runs/order" || [ $? -eq 2 ]

# General text and code: Python's library and documentation, and what Debian has about itself.
texts="$runs/texts"
if [ ! -e "$texts/.done" ]; then
    mkdir -p "$texts/python" "$texts/debian"
    library=$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_paths()["stdlib"])')
    (cd "$library" && find . -name '*.py' -not -path '*/site-packages/*' -not -path '*/test*' -print0 |
        tar --null --create --file - --files-from -) | tar --extract --file - --directory "$texts/python"
    (cd "$texts" && apt-get download -qq python3.11-doc debian-policy &&
        for package in *.deb; do dpkg-deb --extract "$package" debian; done)
    touch "$texts/.done"
fi

source_of() {
    name=$1 origin=$2 licence=$3 && shift 3
    [ -e "$runs/sources/$name" ] || "$PROVER" data build "$runs/sources" "$name" "$@" --origin "$origin" \
        --licence "$licence" --validation 0.02
}
steps_of() {
    name=$1 && shift
    [ -e "$runs/sources/$name" ] || "$PYTHON" -m research.documents "$runs/sources" "$name" "$@" --origin "$LEAN" \
        --licence Apache-2.0 --validation 0.02
}
source_of python "CPython's standard library" PSF-2.0 "$texts/python"
source_of debian "Debian: python3.11-doc, debian-policy" "PSF-2.0 AND GPL-2.0-or-later" "$texts/debian"
source_of statements "$LEAN" Apache-2.0 "$runs/statements"
steps_of steps "$runs/traces" "$runs/outcomes"
[ -e "$runs/tokenizer/tokenizer.json" ] || "$PROVER" data tokenizer "$runs/sources" "$runs/tokenizer"
"$PROVER" data pack "$runs/sources" "$runs/corpus" --tokenizer "$runs/tokenizer"

# Two stages, as a code model was made first and Llemma of it.
stage() {
    name=$1 steps=$2 rate=$3 mixture=$4 && shift 4
    [ -e "$runs/$name-model/config.json" ] && return
    "$PROVER" train small --resume --output "$runs/$name" --set data.corpus="$runs/corpus" \
        --set data.mixture="$mixture" --set start.tokenizer="$runs/tokenizer" --set steps="$steps" \
        --set optimizer.decay_steps="$steps" --set optimizer.warmup_steps=$((steps / 20)) \
        --set optimizer.learning_rate="$rate" --set validate_every=$((steps / 4)) --set validation_sequences=64 \
        --set compute.compile="$compile" "$@"
    "$PROVER" export "$runs/$name" "$runs/$name-model"
}
stage base "$BASE_STEPS" 1.5e-3 python=0.6,debian=0.4
stage continued "$CONTINUED_STEPS" 1e-3 statements=0.2,steps=0.75,python=0.03,debian=0.02 \
    --set start.weights="$runs/base-model"

# Expert iteration: mine with the model, train on with what it finds. Behind Lean's own automation its steps come first:
# behind all that the closers try first, hardly a proof would be its own.
best=continued
for round in $(seq "$ROUNDS"); do
    cp "$runs/order/"*.json "$runs/$best-model"
    if [ ! -e "$runs/traces-$round.done" ]; then
        "$PYTHON" -m research.traces "$runs/$best-model" --turns closers:8,model:24,closers:10000 --effort 3 \
            --sample "$ROUND_TRACED" --seed "$round" --workers "$WORKERS" --resume --output "$runs/traces-$round"
        touch "$runs/traces-$round.done"
    fi
    steps_of "round-$round" "$runs/traces-$round"
    "$PROVER" data pack "$runs/sources" "$runs/corpus" --tokenizer "$runs/tokenizer"
    stage "round-$round" "$ROUND_STEPS" 5e-4 "statements=0.2,steps=0.5,round-$round=0.3" \
        --set start.weights="$runs/$best-model"
    best=round-$round
done
cp "$runs/order/"*.json "$runs/$best-model"

if [ "${2:-}" = ship ]; then
    cp "$runs/order/"*.json "$root/prover/policies/learned"
fi
