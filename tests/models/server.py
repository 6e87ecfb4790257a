"""A model server that misbehaves as told: what a real one does only on a bad day."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]
Behaviour = Callable[[str, dict[str, Any]], Answer]

CONTEXT = 512  # tokens: small, so that little overflows it


def choice(index: int, text: str, *logprobs: float | None, finish: str = "stop") -> dict[str, Any]:
    return {
        "index": index,
        "text": text,
        "finish_reason": finish,
        "logprobs": {"token_logprobs": list(logprobs)} if logprobs else None,
    }


def answer(*choices: dict[str, Any]) -> Answer:
    return 200, {"choices": list(choices), "usage": {"prompt_tokens": 7, "completion_tokens": 3}}


class Server:
    """Its address, and what it was asked: path and body, in order."""

    def __init__(self, behaviour: Behaviour, context: int = CONTEXT, listing: Answer | None = None) -> None:
        models = {"object": "list", "data": [{"id": "tiny", "max_model_len": context}, {"id": "other"}]}
        listed: Answer = listing or (200, models)
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.most_at_once = 0
        at_once = 0
        lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self, body: dict[str, Any]) -> None:
                nonlocal at_once
                with lock:
                    at_once += 1
                    server.most_at_once = max(server.most_at_once, at_once)
                    if self.path != "/v1/models":
                        server.requests.append((self.path, body))
                try:
                    if self.path == "/v1/models":
                        status, data, headers = listed[0], listed[1], {}
                    else:
                        status, data, *rest = behaviour(self.path, body)
                        headers = rest[0] if rest else {}
                finally:
                    with lock:
                        at_once -= 1
                payload = data if isinstance(data, bytes) else json.dumps(data).encode()
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(payload)))
                    self.end_headers()
                    self.wfile.write(payload)
                except OSError:
                    pass  # the client has gone

            def do_GET(self) -> None:
                self.respond({})

            def do_POST(self) -> None:
                self.respond(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"


@contextmanager
def serving(behaviour: Behaviour, *, context: int = CONTEXT, listing: Answer | None = None) -> Iterator[Server]:
    server = Server(behaviour, context, listing)
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()
        thread.join()


def slowly(seconds: float, behaviour: Behaviour) -> Behaviour:
    def behave(path: str, body: dict[str, Any]) -> Answer:
        time.sleep(seconds)
        return behaviour(path, body)

    return behave
