"""Real components on loopback: Debian's docker-registry in several configurations, a token server,
a throw-away certificate authority, and podman's Docker-compatible socket.

Every peer is a context manager.  Ports are chosen free; processes end by the handle that started
them, and a peer that does not come up says what it printed.
"""
import base64
import contextlib
import http.client
import http.server
import json
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse
from typing import Dict, List, Optional, Tuple

from images import Built

START_SECONDS = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def openssl(*arguments: str, data: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *arguments], input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True).stdout


class Authority:
    """A certificate authority for one run, and one server certificate for localhost by it."""

    def __init__(self, folder: pathlib.Path, name: str = "minescan test CA") -> None:
        folder.mkdir(parents=True)
        self.ca, self.certificate, self.key = (folder / n for n in ("ca.pem", "cert.pem", "key.pem"))
        ca_key, request, extra = folder / "ca.key", folder / "request.pem", folder / "san.txt"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                f"/CN={name}", "-keyout", str(ca_key), "-out", str(self.ca))
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
                "-keyout", str(self.key), "-out", str(request))
        extra.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        openssl("x509", "-req", "-in", str(request), "-CA", str(self.ca), "-CAkey", str(ca_key),
                "-CAcreateserial", "-days", "2", "-extfile", str(extra),
                "-out", str(self.certificate))


class Pages:
    """A static server on loopback: answers by path, and keeps who asked for what.

    `pages` maps a path, without its query, to bytes or to (status, headers, bytes); anything else is
    404.  `token` is the Authorization that every request must have."""

    def __init__(self, token: str = "") -> None:
        self.pages: Dict[str, object] = {}
        self.requests: List[Tuple[str, Optional[str]]] = []  # (path, Authorization)
        self.accepted: List[str] = []  # the Accept header of each request
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path, given = self.path.partition("?")[0], self.headers.get("Authorization")
                outer.requests.append((path, given))
                outer.accepted.append(self.headers.get("Accept", ""))
                page = outer.pages.get(path, (404, {}, b"nothing here"))
                if token and given != token:
                    page = (401, {}, b"who are you?")
                status, headers, body = page if isinstance(page, tuple) else (200, {}, page)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        self.url = f"http://{self.host}"

    def tokens(self) -> List[str]:
        return [given for _, given in self.requests if given]

    def paths(self) -> List[str]:
        return [path for path, _ in self.requests]

    def __enter__(self) -> "Pages":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.server.shutdown()
        self.server.server_close()


class TokenServer:
    """Issues RS256 tokens as distribution's `auth.token` wants them, by Basic or anonymously."""

    issuer, service = "minescan test issuer", "minescan test registry"

    def __init__(self, authority: Authority, user: str = "", password: str = "") -> None:
        self.requests = []  # (path, Authorization header or None)
        outer = self
        expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                given = self.headers.get("Authorization")
                outer.requests.append((self.path, given))
                if user and given != expected:
                    self.answer(401, {"errors": [{"code": "UNAUTHORIZED"}]})
                    return
                query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
                self.answer(200, {"token": outer.token(authority, query.get("scope", [])),
                                  "expires_in": 300})

            def answer(self, status: int, body: dict) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.realm = f"http://127.0.0.1:{self.server.server_address[1]}/token"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token(self, authority: Authority, scopes: list) -> str:
        def encode(data: bytes) -> str:
            return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

        der = openssl("x509", "-in", str(authority.certificate), "-outform", "DER")
        access = []
        for scope in scopes:
            kind, name, actions = scope.split(":")
            access.append({"type": kind, "name": name, "actions": actions.split(",")})
        now = int(time.time())
        head = {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(der).decode()]}
        claims = {"iss": self.issuer, "sub": "someone", "aud": self.service, "exp": now + 300,
                  "nbf": now - 10, "iat": now, "jti": f"{now}-{len(self.requests)}",
                  "access": access}
        signed = f"{encode(json.dumps(head).encode())}.{encode(json.dumps(claims).encode())}"
        signature = openssl("dgst", "-sha256", "-sign", str(authority.key), data=signed.encode())
        return f"{signed}.{encode(signature)}"

    def __enter__(self) -> "TokenServer":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.server.shutdown()
        self.server.server_close()


class Registry:
    """Debian's docker-registry with a filesystem under `folder`."""

    def __init__(self, folder: pathlib.Path, tls: Optional[Authority] = None,
                 basic: Optional[Dict[str, str]] = None, tokens: Optional[TokenServer] = None,
                 token_roots: Optional[Authority] = None) -> None:
        folder.mkdir(parents=True)
        self.folder, self.port, self.tls = folder, free_port(), tls
        self.host = f"localhost:{self.port}"
        self.authorization: Optional[str] = None
        config = {
            "version": 0.1, "log": {"level": "warn"},
            "storage": {"filesystem": {"rootdirectory": str(folder / "data")},
                        "delete": {"enabled": True}},
            "http": {"addr": f"127.0.0.1:{self.port}"},
        }
        if tls:
            config["http"]["tls"] = {"certificate": str(tls.certificate), "key": str(tls.key)}
        if basic:
            (folder / "htpasswd").write_bytes(b"".join(
                subprocess.run(["htpasswd", "-nbB", user, password], stdout=subprocess.PIPE,
                               check=True).stdout.strip() + b"\n"
                for user, password in basic.items()))
            config["auth"] = {"htpasswd": {"realm": "test", "path": str(folder / "htpasswd")}}
            user, password = next(iter(basic.items()))
            self.authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        if tokens and token_roots:
            config["auth"] = {"token": {
                "realm": tokens.realm, "service": tokens.service, "issuer": tokens.issuer,
                "rootcertbundle": str(token_roots.ca)}}
        self.tokens, self.token_roots = tokens, token_roots
        # JSON is YAML.
        (folder / "config.yml").write_text(json.dumps(config))

    def __enter__(self) -> "Registry":
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(["docker-registry", "serve", str(self.folder / "config.yml")],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return self
            time.sleep(0.05)
        self.__exit__()
        raise RuntimeError("docker-registry did not start: " +
                           (self.folder / "log").read_text(errors="replace")[-2000:])

    def __exit__(self, *_exception: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    # --- filling it --------------------------------------------------------------------------------

    def push(self, repository: str, tag: str, built: Built) -> str:
        """Uploads blobs and manifests as they are; returns "host/repository:tag"."""
        headers = {}
        if self.tokens:
            token = self.tokens.token(self.token_roots, [f"repository:{repository}:pull,push"])
            headers["Authorization"] = f"Bearer {token}"
        elif self.authorization:
            headers["Authorization"] = self.authorization
        for digest, data in built.blobs.items():
            status, answer, _ = self.request("POST", f"/v2/{repository}/blobs/uploads/", headers)
            assert status == 202, (status, answer)
            url = urllib.parse.urlsplit(answer["Location"])
            status, _, text = self.request("PUT", f"{url.path}?{url.query}&digest={digest}", headers,
                                           data)
            assert status == 201, (status, text)
        for digest, data in built.blobs.items():
            kind = self.manifest_type(data)
            if kind:
                self.put_manifest(repository, digest, data, kind, headers)
        self.put_manifest(repository, tag, built.document, built.media_type, headers)
        return f"{self.host}/{repository}:{tag}"

    @staticmethod
    def manifest_type(data: bytes) -> Optional[str]:
        if not data.startswith(b"{"):
            return None
        document = json.loads(data)
        return document.get("mediaType") if "schemaVersion" in document else None

    def put_manifest(self, repository: str, name: str, data: bytes, media_type: str,
                     headers: dict) -> None:
        status, _, text = self.request("PUT", f"/v2/{repository}/manifests/{name}",
                                       {**headers, "Content-Type": media_type}, data)
        assert status == 201, (status, text)

    def request(self, method: str, path: str, headers: dict, body: bytes = b""):
        if self.tls:
            context = ssl.create_default_context(cafile=str(self.tls.ca))
            connection = http.client.HTTPSConnection("localhost", self.port, context=context)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    # --- watching it -------------------------------------------------------------------------------

    def asked(self) -> List[str]:
        """The paths of all GET requests so far, in order."""
        text = (self.folder / "log").read_text(errors="replace")
        return re.findall(r'"GET (\S+) HTTP/', text)

    # --- damaging it -------------------------------------------------------------------------------

    def stored(self, digest: str) -> pathlib.Path:
        """The file that holds a blob."""
        algorithm, _, name = digest.partition(":")
        return (self.folder / "data/docker/registry/v2/blobs" / algorithm / name[:2] / name / "data")


class Podman:
    """podman's Docker-compatible socket over a storage of its own.  See why_not() first."""

    def __init__(self, folder: pathlib.Path) -> None:
        folder.mkdir(parents=True)
        self.socket = folder / "podman.sock"
        # podman wants its runroot to be at most 50 characters long.
        self.run_folder = tempfile.TemporaryDirectory(prefix="minescan-")
        self.options = ["--root", str(folder / "root"), "--runroot", self.run_folder.name,
                        "--storage-driver", "vfs", "--cgroup-manager", "cgroupfs",
                        "--events-backend", "file"]

    @staticmethod
    def why_not() -> str:
        return "" if shutil.which("podman") else "podman is not installed"

    def command(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(["podman", *self.options, *arguments], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)

    def __enter__(self) -> "Podman":
        self.process = subprocess.Popen(
            ["podman", *self.options, "system", "service", "--time=0", f"unix://{self.socket}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(self.socket))
                return self
            time.sleep(0.05)
        self.process.kill()
        output = self.process.communicate()[0].decode(errors="replace")
        raise RuntimeError(f"podman's service did not start: {output[-500:]}")

    def __exit__(self, *_exception: object) -> None:
        self.process.terminate()
        try:
            self.process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()

