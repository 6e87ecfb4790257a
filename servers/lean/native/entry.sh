#!/bin/sh
# prove, verify and bench work in the project of this image; whatever else is given runs as it is.
set -eu
command=${1:-doctor}
[ $# -eq 0 ] || shift
case "$command" in
  prove | verify) exec prover "$command" --environment lean-project "$@" ;;
  bench) [ "${1:-}" = compare ] && exec prover bench "$@"; exec prover bench --environment lean-project "$@" ;;
  *) exec prover "$command" "$@" ;;
esac
