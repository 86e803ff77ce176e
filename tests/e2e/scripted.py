"""A registry that answers as a script tells it to, byte for byte, over raw sockets on loopback.

It serves one image.  A `Rule` replaces the answer to requests whose path contains some text: it gets
the connection and may send anything, slowly, half or never.
"""
import dataclasses
import socket
import ssl
import threading
from typing import Callable, Dict, List, Optional, Tuple

from images import Built


@dataclasses.dataclass
class Asked:
    method: str
    path: str
    headers: Dict[str, str]  # names in lower case


Rule = Callable[[socket.socket, Asked], None]


def answer(status: str, headers: Dict[str, object], body: bytes = b"") -> bytes:
    """An HTTP/1.1 answer; its length is stated unless the headers say something else."""
    head = {"Content-Length": len(body), "Connection": "close", **headers}
    lines = [f"HTTP/1.1 {status}"] + [f"{name}: {value}" for name, value in head.items()
                                      if value is not None]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def says(status: str, headers: Optional[Dict[str, object]] = None, body: bytes = b"") -> Rule:
    return lambda connection, _asked: connection.sendall(answer(status, headers or {}, body))


def leads_to(url: str, status: str = "307 Temporary Redirect") -> Rule:
    return says(status, {"Location": url})


class ScriptedRegistry:
    """A context manager; `asked` are all requests so far."""

    def __init__(self, built: Built, context: Optional[ssl.SSLContext] = None) -> None:
        self.built, self.context = built, context
        self.rules: List[Tuple[str, Rule]] = []
        self.asked: List[Asked] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"
        self.reference = f"{self.host}/team/shop:1"

    def on(self, text: str, rule: Rule) -> "ScriptedRegistry":
        self.rules.insert(0, (text, rule))
        return self

    def paths(self) -> List[str]:
        return [one.path for one in self.asked]

    def authorizations(self) -> List[str]:
        return [one.headers["authorization"] for one in self.asked if "authorization" in one.headers]

    def __enter__(self) -> "ScriptedRegistry":
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        # Wakes accept(), which closing alone does not.
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()

    def accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        connection.settimeout(60)
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                asked = self.read(connection)
                if asked:
                    self.asked.append(asked)
                    self.reply(connection, asked)
        except (OSError, ssl.SSLError):
            connection.close()

    @staticmethod
    def read(connection: socket.socket) -> Optional[Asked]:
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return None
            data += more
            if data[0] == 0x16:  # TLS is tried first; waiting for more of it would take its time
                return None
        lines = data.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ", 2)
        headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        return Asked(method, path, {name.lower(): value for name, value in headers.items()})

    def reply(self, connection: socket.socket, asked: Asked) -> None:
        for text, rule in self.rules:
            if text in asked.path:
                rule(connection, asked)
                return
        self.normal(connection, asked)

    def normal(self, connection: socket.socket, asked: Asked) -> None:
        last = asked.path.rpartition("/")[2]
        if asked.path.rstrip("/") == "/v2":
            connection.sendall(answer("200 OK", {}, b"{}"))
        elif "/manifests/" in asked.path and last in ("1", self.built.digest):
            connection.sendall(answer("200 OK", {"Content-Type": self.built.media_type,
                                                 "Docker-Content-Digest": self.built.digest},
                                      self.built.document))
        elif "/blobs/" in asked.path and last in self.built.blobs:
            connection.sendall(answer("200 OK", {}, self.built.blobs[last]))
        else:
            connection.sendall(answer("404 Not Found", {}, b"{}"))
