"""The process of the stand-in REPL: carries bytes between its pipes and the stand-in's socket. Standard library only.

python -S forward.py SOCKET
"""

import os
import socket
import sys
import threading


def main() -> None:
    with socket.socket(socket.AF_UNIX) as there:
        there.connect(sys.argv[1])

        def send() -> None:
            while data := os.read(0, 65536):
                there.sendall(data)
            there.shutdown(socket.SHUT_WR)

        threading.Thread(target=send, daemon=True).start()
        while data := there.recv(65536):
            os.write(1, data)
    print("INTERNAL PANIC: out of memory", file=sys.stderr, flush=True)
    os._exit(1)


main()
