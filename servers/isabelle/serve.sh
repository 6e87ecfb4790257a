#!/bin/sh
# Serve Isabelle at LISTEN: each connection gets a process of its own, MOST at once, each with at most MEMORY_MB megabytes.
# By default that is server.py on the program `isabelle` (ISABELLE_TOOL) with the image of SESSION; IMPORTS: theories that
# it loads first. With PISA_JAR (built from Portal-to-ISAbelle by `sbt assembly`) it is PISA itself, run by JAVA.
set -eu
here=$(dirname "$0")
python=${PYTHON:-python3}
if [ -n "${PISA_JAR:-}" ]; then
    java=${JAVA:-java}
    [ -r "$PISA_JAR" ] || { echo "serve.sh: no PISA at $PISA_JAR; set PISA_JAR" >&2; exit 2; }
    command -v "$java" >/dev/null || { echo "serve.sh: no Java ($java); set JAVA" >&2; exit 2; }
    set -- "$java" "-Xmx${JAVA_HEAP:-1g}" -cp "$PISA_JAR" "pisa.server.PisaOneStageServer{port}"
else
    tool=${ISABELLE_TOOL:-isabelle}
    command -v "$tool" >/dev/null || { echo "serve.sh: no program $tool; install Isabelle, or set ISABELLE_TOOL" >&2; exit 2; }
    "$python" -c "import grpc" 2>/dev/null || { echo "serve.sh: $python has no grpcio: pip install grpcio" >&2; exit 2; }
    set -- "$python" "$here/server.py" --port "{port}" --tool "$tool" --session "${SESSION:-HOL}" --imports "${IMPORTS:-Main}"
fi
exec "$python" "$here/relay.py" --listen "${LISTEN:-127.0.0.1:8000}" --most "${MOST:-1}" --ports "${PORTS:-8100-8199}" \
    --memory-mb "${MEMORY_MB:-0}" -- "$@"
