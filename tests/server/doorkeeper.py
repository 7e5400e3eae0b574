"""A process as small as can be, kept by a supervisor in tests: lets people in, tells its pid, ends when told to.

Words: descriptor of the line, descriptor of the door, a file. It dies at once while the file holds "die".
"""

import contextlib
import json
import os
import select
import signal
import socket
import sys
import threading


def hear(line):
    for text in line.makefile():
        words = json.loads(text)
        if words["say"] == "tell":
            told = f"# TYPE pid gauge\npid {os.getpid()}\n"
            line.sendall(json.dumps({"say": "figures", "number": words["number"], "text": told}).encode() + b"\n")
        else:
            print(json.dumps(words["texts"]), flush=True)
    os._exit(0)


if __name__ == "__main__":
    with open(sys.argv[3]) as file:
        if file.read() == "die":
            sys.exit(3)
    told_to_end = []
    signal.signal(signal.SIGTERM, lambda *_: told_to_end.append(True))
    line, door = socket.socket(fileno=int(sys.argv[1])), socket.socket(fileno=int(sys.argv[2]))
    door.setblocking(False)
    threading.Thread(target=hear, args=(line,), daemon=True).start()
    line.sendall(b'{"say": "ready"}\n')
    while not told_to_end:
        # As the server does: one that is killed while it waits has not let anybody in.
        if select.select([door], [], [], 0.05)[0]:
            with contextlib.suppress(BlockingIOError):
                visitor, _ = door.accept()
                with visitor:
                    visitor.sendall(str(os.getpid()).encode())
    os._exit(0)
