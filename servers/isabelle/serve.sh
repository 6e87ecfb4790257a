#!/bin/sh
# Serve PISA at LISTEN: each connection gets a process of its own, MOST at once, each with at most MEMORY_MB megabytes.
# Outside of the container, set PISA_JAR (built from Portal-to-ISAbelle by `sbt assembly`) and JAVA.
set -eu
here=$(dirname "$0")
jar=${PISA_JAR:-/opt/pisa/pisa.jar}
java=${JAVA:-java}
[ -r "$jar" ] || { echo "serve.sh: no PISA at $jar; set PISA_JAR" >&2; exit 2; }
command -v "$java" >/dev/null || { echo "serve.sh: no Java ($java); set JAVA" >&2; exit 2; }
exec python3 "$here/relay.py" --listen "${LISTEN:-127.0.0.1:8000}" --most "${MOST:-1}" --ports "${PORTS:-8100-8199}" \
    --memory-mb "${MEMORY_MB:-0}" -- "$java" "-Xmx${JAVA_HEAP:-1g}" -cp "$jar" "pisa.server.PisaOneStageServer{port}"
