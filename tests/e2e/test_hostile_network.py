"""Cases 106 to 121 of the catalogue, and what else of it needs a peer: a registry that lies, stalls
or leads astray.  Nothing leaves loopback; addresses that must not be reached are only named."""
import base64
import concurrent.futures
import contextlib
import json
import pathlib
import socket
import ssl
import stat
import time
from typing import Callable, Iterator

import hostile_images
import images
import peers
from harness import CLEAN, FOUND, INCOMPLETE, NO_VERDICT, Case, Outcome
from scripted import Asked, Rule, ScriptedRegistry, answer, leads_to, says

SECRET = "s3cret-word-of-the-test"
BASIC = base64.b64encode(f"reader:{SECRET}".encode()).decode()


def challenge(realm: str) -> Rule:
    return says("401 Unauthorized", {"WWW-Authenticate":
                                     f'Bearer realm="{realm}",service="s",scope="x"'}, b"{}")


def endless(head: str, piece: bytes, most: int = 100 << 20) -> Rule:
    """Sends a head and then one piece again and again."""
    def rule(connection: socket.socket, _asked: Asked) -> None:
        connection.sendall(head.encode())
        for _ in range(most // len(piece)):
            connection.sendall(piece)
    return rule


class Network(Case):
    def setUp(self) -> None:
        if self.world.quick:
            self.skipTest("waits for a network more than it computes")

    @contextlib.contextmanager
    def registry(self, built: images.Built = None, **options: object) -> Iterator[ScriptedRegistry]:
        with ScriptedRegistry(built or images.clean_image().build(), **options) as registry:
            yield registry

    def pull(self, registry: ScriptedRegistry, *options: object, **more: object) -> Outcome:
        outcome = self.run_it("image", registry.reference, "--format", "json", *options, **more)
        for word in (SECRET, BASIC):
            self.assertNotIn(word, (outcome.out + outcome.err).decode(errors="replace"))
        return outcome

    def login(self, registry: ScriptedRegistry, *options: object) -> Outcome:
        return self.pull(registry, "--username", "reader", "--password-stdin", *options,
                         stdin=SECRET.encode())

    def blob(self, registry: ScriptedRegistry) -> str:
        return registry.built.layers[0]

    def refuse(self, rules: Callable[[ScriptedRegistry], None], *words: str,
               most_seconds: float = 10) -> ScriptedRegistry:
        with self.registry() as registry:
            rules(registry)
            start = time.monotonic()
            self.assert_one_sentence(self.pull(registry), NO_VERDICT, *words)
            self.assertLess(time.monotonic() - start, most_seconds)
            return registry

    # --- whom it talks to --------------------------------------------------------------------------

    def test_10_a_foreign_layer_is_not_asked_for(self) -> None:
        with peers.Pages() as other:
            def change(document: dict) -> None:
                document["layers"][-1].update(
                    mediaType=images.OCI + "layer.nondistributable.v1.tar+gzip",
                    urls=[other.url + "/layer"])
            built = hostile_images.changed(hostile_images.good_image, change)()
            with self.registry(built) as registry:
                self.assertEqual(self.pull(registry).status, INCOMPLETE)
                self.assertEqual(other.requests, [])
                self.assertFalse([p for p in registry.paths() if built.layers[-1] in p])

    def test_21_a_tag_that_moves_is_one_image(self) -> None:
        first, second = images.clean_image().build(), images.rogue_image().build()
        with self.registry(first) as registry:
            shown = []

            def rule(connection: socket.socket, asked: Asked) -> None:
                chosen = second if shown else first
                shown.append(asked.path)
                connection.sendall(answer("200 OK", {"Content-Type": chosen.media_type},
                                          b"" if asked.method == "HEAD" else chosen.document))
            registry.on("/manifests/1", rule)
            outcome = self.pull(registry)
            self.assertEqual(outcome.status, CLEAN, outcome.said)
            self.assertEqual(json.loads(outcome.out)["artifact"]["digest"], first.digest)
            self.assertEqual(len(shown), 1, "the tag is asked for once")

    def test_106_a_realm_that_leads_inside_gets_no_connection_and_no_password(self) -> None:
        with peers.Pages() as inner:
            port = inner.host.rpartition(":")[2]
            for realm in ("http://169.254.169.254/token", "http://[::ffff:169.254.169.254]/token",
                          "http://2852039166/token", "http://0251.0376.0251.0376/token",
                          f"http://0.0.0.0:{port}/token", f"http://[::]:{port}/token",
                          "http://10.0.0.1/token", "http://[fd00::1]/token",
                          "file:///etc/passwd", "gopher://127.0.0.1/token", "token", "//x/token",
                          f"http://reader:x@{inner.host}/token", "http://metadata.example/token"):
                with self.subTest(realm=realm), self.registry() as registry:
                    registry.on("/", challenge(realm))
                    start = time.monotonic()
                    outcome = self.login(registry)
                    self.assert_one_sentence(outcome, NO_VERDICT)
                    self.assertLess(time.monotonic() - start, 8)
                    self.assertEqual(inner.requests, [])

    def test_108_a_redirect_loses_the_login_and_a_token_server_may_not_redirect(self) -> None:
        built = images.clean_image().build()
        with peers.Pages() as other, self.registry(built) as registry:
            other.pages["/blob"] = built.blobs[built.layers[0]]

            def private(connection: socket.socket, asked: Asked) -> None:
                if asked.headers.get("authorization") != "Basic " + BASIC:
                    connection.sendall(answer("401 Unauthorized", {
                        "WWW-Authenticate": 'Basic realm="r"'}, b"{}"))
                elif built.layers[0] in asked.path:
                    connection.sendall(answer("307 Temporary Redirect",
                                              {"Location": other.url + "/blob"}))
                else:
                    registry.normal(connection, asked)
            registry.on("/", private)
            outcome = self.login(registry)
            self.assertEqual(outcome.status, CLEAN, outcome.said)
            self.assertEqual(other.requests, [("/blob", None)])
        with peers.Pages() as other, self.registry() as registry:
            registry.on("/v2/", challenge(registry.url + "/token"))
            registry.on("/token", leads_to(other.url + "/token"))
            self.assert_one_sentence(self.login(registry), NO_VERDICT, "redirect")
            self.assertEqual(other.requests, [])

    def test_109_other_schemes_are_not_followed(self) -> None:
        for url in ("file:///etc/passwd", "gopher://127.0.0.1:70/x", "ftp://127.0.0.1/x",
                    "dict://127.0.0.1/x", "javascript:1", "http://10.0.0.1/x"):
            with self.subTest(url=url):
                self.refuse(lambda registry: registry.on("/blobs/", leads_to(url)))

    def test_110_five_redirects_are_followed_and_no_more(self) -> None:
        registry = self.refuse(lambda registry: registry.on(
            "/blobs/", leads_to(registry.url + "/blobs/again")), "redirect")
        again = [path for path in registry.paths() if path == "/blobs/again"]
        self.assertLessEqual(len(again), 10)

    # --- how much it takes -------------------------------------------------------------------------

    def test_111_bodies_and_headers_without_end_are_cut(self) -> None:
        head = "HTTP/1.1 {}\r\nConnection: close\r\n"
        junk = b"x" * 65536
        for name, rule in (
                ("token", endless(head.format("200 OK") + "\r\n", junk)),
                ("error", endless(head.format("403 No") + "\r\n", junk)),
                ("headers", endless(head.format("200 OK"), b"X-A: " + b"y" * 990 + b"\r\n"))):
            with self.subTest(what=name), self.registry() as registry:
                registry.on("/v2/", challenge(registry.url + "/token"))
                registry.on("/token", rule)
                outcome = self.login(registry)
                self.assert_one_sentence(outcome, NO_VERDICT)
                self.assertLess(outcome.peak_bytes, 256 << 20)

    def test_111_a_manifest_without_end_is_cut(self) -> None:
        self.refuse(lambda registry: registry.on("/manifests/", endless(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n",
            b" " * 65536)))

    def test_112_lengths_that_lie_are_no_verdict(self) -> None:
        built = images.clean_image().build()
        whole = built.blobs[built.layers[0]]
        with self.registry(built) as registry:
            registry.on(built.layers[0], says("200 OK", {"Content-Length": None}, whole))
            self.assertEqual(self.pull(registry).status, CLEAN)

        def chunked(pieces: bytes) -> Rule:
            return says("200 OK", {"Content-Length": None, "Transfer-Encoding": "chunked"}, pieces)
        half = whole[:len(whole) // 2]
        lies = {}
        for name, rule in (
                ("too small", says("200 OK", {"Content-Length": len(half)}, whole)),
                ("more than promised", says("200 OK", {}, whole + whole)),
                ("a chunk without end", chunked(b"fffffff\r\n" + whole + b"\r\n0\r\n\r\n")),
                ("no number", chunked(b"zz\r\n" + whole)),
                ("both lengths", says("200 OK", {"Content-Length": 7,
                                                 "Transfer-Encoding": "chunked"}, half))):
            lies[name] = rule

        def pulled(rule: Rule) -> int:
            with self.registry(built) as registry:
                return self.pull(registry.on(built.layers[0], rule)).status
        # All at once: each is tried again after a while.
        with concurrent.futures.ThreadPoolExecutor(len(lies)) as pool:
            statuses = dict(zip(lies, pool.map(pulled, lies.values())))
        self.assertEqual(statuses, dict.fromkeys(lies, NO_VERDICT))

    def test_113_a_blob_goes_on_where_it_broke(self) -> None:
        built = hostile_images.evil_image()
        digest = built.layers[-1]
        whole = built.blobs[digest]
        with self.registry(built) as registry:
            def rule(connection: socket.socket, asked: Asked) -> None:
                wanted = asked.headers.get("range")
                if wanted is None:
                    connection.sendall(answer("200 OK", {"ETag": '"a"', "Accept-Ranges": "bytes",
                                                         "Content-Length": len(whole)}, whole[:-5]))
                    return
                start = int(wanted[len("bytes="):].partition("-")[0])
                connection.sendall(answer("206 Partial Content", {
                    "Content-Range": f"bytes {start}-{len(whole) - 1}/{len(whole)}",
                    "ETag": '"a"'}, whole[start:]))
            registry.on(digest, rule)
            outcome = self.pull(registry)
            self.assertEqual(outcome.status, FOUND, outcome.said)
            ranges = [one.headers["range"] for one in registry.asked if "range" in one.headers]
            self.assertEqual(len(ranges), 1)

    def test_113_nobody_waits_for_ever(self) -> None:
        self.refuse(lambda registry: registry.on("/manifests/", says(
            "429 Too Many Requests", {"Retry-After": 10 ** 9}, b"{}")))

    def test_114_an_answer_from_the_begin_is_not_spliced(self) -> None:
        built = hostile_images.evil_image()
        digest = built.layers[-1]
        whole = built.blobs[digest]
        for honest in (True, False):
            with self.subTest(honest=honest), self.registry(built) as registry:
                def rule(connection: socket.socket, asked: Asked) -> None:
                    if "range" not in asked.headers:
                        connection.sendall(answer("200 OK", {"Content-Length": len(whole)},
                                                  whole[:-5]))
                    elif honest:
                        connection.sendall(answer("200 OK", {}, whole))
                    else:  # another range than was asked for
                        connection.sendall(answer("206 Partial Content", {
                            "Content-Range": f"bytes 0-4/{len(whole)}"}, whole[:5]))
                registry.on(digest, rule)
                status = self.pull(registry).status
                self.assertEqual(status, FOUND if honest else status)
                self.assertNotEqual(status, CLEAN)

    def test_116_compressed_transfer_is_not_asked_for_and_not_taken(self) -> None:
        with self.registry() as registry:
            layer = self.blob(registry)
            registry.on(layer, says("200 OK", {"Content-Encoding": "gzip"}, images.pack(
                registry.built.blobs[layer], "gzip")))
            self.assertEqual(self.pull(registry).status, NO_VERDICT)
            for one in registry.asked:
                self.assertIn(one.headers.get("accept-encoding", "identity"), ("identity", ""))

    # --- certificates ------------------------------------------------------------------------------

    def certificate(self, subject: str, names: str, start: str, end: str) -> pathlib.Path:
        """One by the test's authority, valid between two days; with its key in the same file."""
        folder = self.world.folder("certificate")
        authority = self.world.authority
        key, request = folder / "key.pem", folder / "request.pem"
        peers.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                      f"/CN={subject}", "-keyout", str(key), "-out", str(request))
        (folder / "index.txt").write_text("")
        (folder / "serial").write_text("1000\n")
        (folder / "ca.cnf").write_text(
            "[ca]\ndefault_ca=d\n[d]\n" f"database={folder}/index.txt\nserial={folder}/serial\n"
            f"new_certs_dir={folder}\ndefault_md=sha256\npolicy=p\nx509_extensions=e\n"
            f"[p]\ncommonName=supplied\n[e]\nsubjectAltName={names}\n")
        made = folder / "cert.pem"
        peers.openssl("ca", "-batch", "-notext", "-config", str(folder / "ca.cnf"), "-cert",
                      str(authority.ca), "-keyfile", str(authority.ca.parent / "ca.key"), "-in",
                      str(request), "-out", str(made), "-startdate", start, "-enddate", end)
        made.write_bytes(made.read_bytes() + key.read_bytes())
        return made

    def test_117_certificates_that_do_not_hold_and_old_tls_are_refused(self) -> None:
        good = ("20200101000000Z", "20990101000000Z")
        for name, certificate, version in (
                ("good", ("localhost", "IP:127.0.0.1", *good), None),
                ("expired", ("localhost", "IP:127.0.0.1", good[0], "20210101000000Z"), None),
                ("not yet", ("localhost", "IP:127.0.0.1", "20980101000000Z", good[1]), None),
                ("another host", ("other.example", "DNS:other.example", *good), None),
                ("old TLS", ("localhost", "IP:127.0.0.1", *good), ssl.TLSVersion.TLSv1)):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate(*certificate))
            if version is not None:
                context.set_ciphers("ALL:@SECLEVEL=0")
                context.minimum_version = context.maximum_version = version
            with self.subTest(what=name), self.registry(context=context) as registry:
                outcome = self.pull(registry, "--cacert", self.world.authority.ca)
                if name == "good":
                    self.assertEqual(outcome.status, CLEAN, outcome.said)
                else:
                    self.assert_one_sentence(outcome, NO_VERDICT)
                    self.assertEqual(registry.asked, [])

    # --- credentials and the environment -----------------------------------------------------------

    def test_118_a_look_alike_host_gets_no_credentials(self) -> None:
        folder = self.world.folder("helper")
        host = "123.dkr.ecr.us-east-1.amazonaws.example"
        helper = folder / "docker-credential-spy"
        helper.write_text(f"#!/bin/sh\necho called >> {folder}/calls\n"
                          f'echo \'{{"Username":"reader","Secret":"{SECRET}"}}\'\n')
        helper.chmod(helper.stat().st_mode | stat.S_IXUSR)
        (folder / "config.json").write_text(json.dumps({
            "credHelpers": {host: "spy"}, "auths": {host: {"auth": BASIC}}}))
        environment = {"DOCKER_CONFIG": str(folder),
                       "PATH": f"{folder}:{self.world.environment()['PATH']}"}

        def pulled(other: str) -> Outcome:
            return self.run_it("image", f"{other}/team/shop:1", environment=environment)
        others = (f"{host}.evil.invalid", f"x{host}.invalid", "amazonaws.example.invalid")
        with concurrent.futures.ThreadPoolExecutor(len(others)) as pool:
            for outcome in pool.map(pulled, others):
                self.assert_one_sentence(outcome, NO_VERDICT)
        self.assertFalse((folder / "calls").exists(), "the helper was asked")

    def test_119_references_with_line_ends_or_logins_ask_nobody(self) -> None:
        with self.registry() as registry:
            for reference in (f"{registry.host}/team/shop:1\r\nX-Evil: 1",
                              f"{registry.host}/team/shop\n:1", f"reader:{SECRET}@{registry.host}/x:1",
                              f"https://reader:{SECRET}@{registry.host}/team/shop:1",
                              f"{registry.host}/team/shop:1@x", f"{registry.host}/../shop:1",
                              f"{registry.host}/team/shop:1?x=y", f"{registry.host}/team/shop#x"):
                with self.subTest(reference=reference):
                    outcome = self.run_it("image", reference)
                    self.assert_one_sentence(outcome, NO_VERDICT)
                    self.assertNotIn(SECRET.encode(), outcome.err)
            self.assertEqual(registry.asked, [])

    def test_120_no_output_shows_the_login_or_the_token(self) -> None:
        with self.registry() as registry:
            token = "t0ken-of-the-test"

            def private(connection: socket.socket, asked: Asked) -> None:
                given = asked.headers.get("authorization", "")
                if given == "Bearer " + token and "/blobs/" in asked.path:
                    connection.sendall(answer("403 Forbidden", {"Warning": f'299 - "{token}"'},
                                              f'{{"errors": [{{"message": "{given}"}}]}}'.encode()))
                elif given == "Bearer " + token:
                    registry.normal(connection, asked)
                else:
                    challenge(registry.url + "/token")(connection, asked)
            registry.on("/v2/", private)
            registry.on("/token", lambda connection, asked: connection.sendall(answer(
                "200 OK", {}, json.dumps({"token": token}).encode())))
            for options in ([], ["-v"], ["--format", "sarif"], ["--format", "text", "-v"]):
                outcome = self.login(registry, *options)
                self.assertNotIn(token.encode(), outcome.out + outcome.err)
                self.assertEqual(outcome.status, NO_VERDICT, outcome.said)

    def test_121_files_and_variables_of_other_programs_change_nothing(self) -> None:
        home = self.world.folder("home")
        with self.registry() as registry, peers.Pages() as spy:
            netrc = f"machine 127.0.0.1 login reader password {SECRET}\n"
            for name in (".netrc", "_netrc"):
                (home / name).write_text(netrc)
                (home / name).chmod(0o600)
            (home / ".curlrc").write_text(f'proxy = "{spy.url}"\nuser = "reader:{SECRET}"\n')
            outcome = self.pull(registry, environment={
                "HOME": str(home), "CURL_HOME": str(home), "NETRC": str(home / ".netrc")}, cwd=home)
            self.assertEqual(outcome.status, CLEAN, outcome.said)
            self.assertEqual((spy.requests, registry.authorizations()), ([], []))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.world.authority.certificate, self.world.authority.key)
        with self.registry(context=context) as registry:
            keys = home / "keys.log"
            outcome = self.pull(registry, "--cacert", self.world.authority.ca,
                                environment={"SSLKEYLOGFILE": str(keys)})
            self.assertEqual(outcome.status, CLEAN, outcome.said)
            self.assertFalse(keys.exists(), "keys of the connection were written to a file")
