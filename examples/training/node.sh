#!/bin/sh
# One node of a training run on several: the same command on each, at about the same time.
#
#   HEAD=node-1 NODES=2 examples/training/node.sh llemma-7b --set data.corpus=/shared/corpus --output /shared/runs/7b --resume
#
# HEAD: name or address of one of the nodes, where they meet at PORT (29500); PROCESSES: on each node (8, one for each
# GPU); RUN: a name that all of them share. Corpus and output are on a file system that all nodes have. A node that fails
# ends the run everywhere; started again with --resume, on as many nodes as there are, it goes on from its last checkpoint.
set -eu
exec ${PYTHON:-python3} -m torch.distributed.run \
    --nnodes "${NODES:?number of nodes}" --nproc-per-node "${PROCESSES:-8}" --max-restarts 0 \
    --rdzv-backend c10d --rdzv-endpoint "${HEAD:?name of one of the nodes}:${PORT:-29500}" --rdzv-id "${RUN:-prover}" \
    -m prover train "$@"
