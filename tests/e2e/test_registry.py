"""Pulling from real registries: plain, TLS, password, token; and what each failure says."""
import base64
import json
import pathlib
import shutil
import stat
import urllib.parse

import images
import peers
from harness import CLEAN, FOUND, INCOMPLETE, NO_VERDICT, Case, Outcome, Report

PASSWORD = "s3cret:word"


class Plain(Case):
    def test_tags_digests_and_both_give_the_same_findings(self) -> None:
        registry = self.world.registry
        built = images.rogue_image().build()
        reference = registry.push("team/shop", "1.2", built)
        repository = f"{registry.host}/team/shop"
        wanted = self.scan(FOUND, "image", reference)
        self.assert_finds_rogue(wanted)
        for other in (f"docker://{reference}", f"{repository}@{built.digest}",
                      f"{repository}:1.2@{built.digest}"):
            with self.subTest(reference=other):
                report = self.scan(FOUND, "image", other)
                self.assertEqual(report.keys(), wanted.keys())
                self.assertIn(built.digest, json.dumps(report.json))

    def test_docker_and_oci_give_the_same_findings(self) -> None:
        registry = self.world.registry
        oci = registry.push("kinds/shop", "oci", images.rogue_image().build())
        docker = registry.push("kinds/shop", "docker", images.rogue_image(docker=True).build())
        zstd = registry.push("kinds/shop", "zstd", images.rogue_image(packed="zstd").build())
        wanted = self.scan(FOUND, "image", oci).keys()
        self.assertEqual(self.scan(FOUND, "image", docker).keys(), wanted)
        self.assertEqual(self.scan(FOUND, "image", zstd).keys(), wanted)

    def test_what_skopeo_pushed_is_read(self) -> None:
        host = self.world.registry.host
        for kind in ("oci", "v2s2"):
            with self.subTest(kind=kind):
                self.world.skopeo("copy", "--format", kind, "--dest-tls-verify=false",
                                  f"oci:{self.world.rogue_layout}:latest",
                                  f"docker://{host}/skopeo/{kind}:1")
                self.assert_finds_rogue(self.scan(FOUND, "image", f"{host}/skopeo/{kind}:1"))

    def test_what_umoci_made_of_debian_packages_is_clean(self) -> None:
        host = self.world.registry.host
        self.world.skopeo("copy", "--dest-tls-verify=false",
                          f"oci:{self.world.debian_layout}:debian", f"docker://{host}/debian/base:1")
        report = self.scan(CLEAN, "image", f"{host}/debian/base:1", "--fail-on", "warning")
        self.assertTrue(report.complete)

    def test_an_index_in_a_registry_is_walked(self) -> None:
        for docker in (False, True):
            with self.subTest(docker=docker):
                both = images.index([images.clean_image(docker=docker).build(),
                                     images.rogue_image(docker=docker,
                                                        platform="linux/arm/v7").build()], docker)
                name = "multi/docker" if docker else "multi/oci"
                reference = self.world.registry.push(name, "1", both)
                report = self.scan(FOUND, "image", reference)
                self.assert_finds_rogue(report)
                self.assertEqual({p["platform"] for f in report.findings for p in f["places"]},
                                 {"linux/arm/v7"})
                self.scan(CLEAN, "image", reference, "--platform", "linux/amd64")

    def test_the_same_layer_in_two_platforms_is_fetched_once(self) -> None:
        both = images.index([images.rogue_image().build(),
                             images.rogue_image(platform="linux/arm64").build()])
        reference = self.world.registry.push("shared/shop", "1", both)
        report = self.scan(FOUND, "image", reference)
        found = report.at(images.rogue.MINER_PATH, "error")
        self.assertEqual(sorted(p["platform"] for p in found[0]["places"]),
                         ["linux/amd64", "linux/arm64"])


class Failures(Case):
    def push(self, name: str) -> tuple:
        built = images.clean_image().build()
        return self.world.registry.push(f"failures/{name}", "1", built), built

    def test_an_unknown_tag_is_one_sentence(self) -> None:
        self.push("tag")
        outcome = self.run_it("image", f"{self.world.registry.host}/failures/tag:none")
        self.assert_one_sentence(outcome, NO_VERDICT, "failures/tag:none")

    def test_an_unknown_repository_is_one_sentence(self) -> None:
        outcome = self.run_it("image", f"{self.world.registry.host}/failures/nothing-here:1")
        self.assert_one_sentence(outcome, NO_VERDICT, "failures/nothing-here:1")

    def test_a_registry_that_is_down_is_one_sentence(self) -> None:
        host = f"localhost:{peers.free_port()}"
        self.assert_one_sentence(self.run_it("image", f"{host}/team/shop:1"), NO_VERDICT, host)

    def test_a_name_that_does_not_resolve_is_one_sentence(self) -> None:
        outcome = self.run_it("image", "registry.nowhere.invalid/team/shop:1")
        self.assert_one_sentence(outcome, NO_VERDICT, "registry.nowhere.invalid")

    def test_a_reference_that_cannot_be_is_one_sentence(self) -> None:
        for reference in ("Team/Shop:1", "localhost/x:bad tag", "localhost/x@sha256:12", ":", "",
                          "a" * 64, "localhost/x:\x1b[31m"):
            with self.subTest(reference=reference):
                self.assert_one_sentence(self.run_it("image", reference), NO_VERDICT)

    def test_other_bytes_than_the_digest_promises_are_no_verdict(self) -> None:
        reference, built = self.push("corrupt")
        blob = self.world.registry.stored(built.layers[0])
        whole = blob.read_bytes()
        blob.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        try:
            outcome = self.run_it("image", reference)
        finally:
            blob.write_bytes(whole)
        self.assert_one_sentence(outcome, NO_VERDICT, built.layers[0][7:19])

    def test_fewer_bytes_than_promised_are_no_verdict(self) -> None:
        reference, built = self.push("short")
        blob = self.world.registry.stored(built.layers[1])
        whole = blob.read_bytes()
        blob.write_bytes(whole[:len(whole) // 2])
        try:
            outcome = self.run_it("image", reference)
        finally:
            blob.write_bytes(whole)
        self.assert_one_sentence(outcome, NO_VERDICT, built.layers[1][7:19])

    def test_a_blob_that_the_registry_lost_is_a_gap(self) -> None:
        reference, built = self.push("lost")
        blob = self.world.registry.stored(built.layers[1])
        away = blob.with_name("away")
        blob.rename(away)
        try:
            report = self.scan(INCOMPLETE, "image", reference)
        finally:
            away.rename(blob)
        self.assertIn("net.missing", report.gap_reasons())

    def test_a_manifest_of_an_unknown_type_is_one_sentence(self) -> None:
        registry = self.world.registry
        built = images.clean_image().build()
        registry.push("failures/type", "1", built)
        stored = registry.stored(built.digest)
        whole = stored.read_bytes()
        stored.write_bytes(b'{"schemaVersion": 2, "mediaType": "application/vnd.rogue.example"}')
        try:
            outcome = self.run_it("image", f"{registry.host}/failures/type:1")
        finally:
            stored.write_bytes(whole)
        self.assert_one_sentence(outcome, NO_VERDICT)

    def test_a_finding_is_worth_more_than_a_layer_that_is_wrong(self) -> None:
        built = images.rogue_image().build()
        reference = self.world.registry.push("failures/masked", "1", built)
        blob = self.world.registry.stored(built.layers[0])
        whole = blob.read_bytes()
        blob.write_bytes(b"?" * len(whole))
        try:
            self.scan(FOUND, "image", reference)
        finally:
            blob.write_bytes(whole)


class Tls(Case):
    def reference(self) -> str:
        return self.world.tls_registry.push("team/shop", "1", images.rogue_image().build())

    def test_an_authority_given_by_cacert_is_trusted(self) -> None:
        report = self.scan(FOUND, "image", self.reference(), "--cacert", self.world.authority.ca)
        self.assert_finds_rogue(report)

    def other(self) -> peers.Authority:
        """That signed nothing, and has a name of its own: OpenSSL tells issuers by their names."""
        return peers.Authority(self.world.folder("other") / "ca", "another CA")

    def folder_of(self, authority: peers.Authority) -> pathlib.Path:
        """A folder with one authority by its hash, as OpenSSL looks for it."""
        folder = self.world.folder("roots")
        hashed = peers.openssl("x509", "-hash", "-noout", "-in", str(authority.ca)).decode().strip()
        shutil.copy(authority.ca, folder / f"{hashed}.0")
        return folder

    def test_a_folder_of_roots_by_hash_is_enough_and_no_bundle_is_read(self) -> None:
        broken = self.world.folder("bundle") / "broken.pem"
        broken.write_text("no certificate\n")
        report = self.scan(FOUND, "image", self.reference(), environment={
            "SSL_CERT_DIR": str(self.folder_of(self.world.authority)), "SSL_CERT_FILE": str(broken)})
        self.assert_finds_rogue(report)

    def test_a_root_that_only_the_bundle_has_is_trusted(self) -> None:
        other = self.other()
        report = self.scan(FOUND, "image", self.reference(), environment={
            "SSL_CERT_DIR": str(self.folder_of(other)),
            "SSL_CERT_FILE": str(self.world.authority.ca)})
        self.assert_finds_rogue(report)

    def test_an_authority_by_cacert_adds_to_those_of_the_folder_and_of_the_bundle(self) -> None:
        other = self.other()
        known = str(self.folder_of(self.world.authority)), str(self.world.authority.ca)
        unknown = str(self.folder_of(other)), str(other.ca)
        for folder, bundle in ((known[0], unknown[1]), (unknown[0], known[1])):
            with self.subTest(folder=folder, bundle=bundle):
                report = self.scan(FOUND, "image", self.reference(), "--cacert", other.ca,
                                   environment={"SSL_CERT_DIR": folder, "SSL_CERT_FILE": bundle})
                self.assert_finds_rogue(report)

    def test_an_authority_that_neither_folder_nor_bundle_has_is_one_sentence(self) -> None:
        other = self.other()
        outcome = self.run_it("image", self.reference(), environment={
            "SSL_CERT_DIR": str(self.folder_of(other)), "SSL_CERT_FILE": str(other.ca)})
        self.assert_one_sentence(outcome, NO_VERDICT, "certificate", "--cacert")

    def test_an_unknown_authority_is_one_sentence(self) -> None:
        self.assert_one_sentence(self.run_it("image", self.reference()), NO_VERDICT,
                                 self.world.tls_registry.host, "certificate")

    def test_another_authority_is_one_sentence(self) -> None:
        other = peers.Authority(self.world.folder("other") / "ca")
        outcome = self.run_it("image", self.reference(), "--cacert", other.ca)
        self.assert_one_sentence(outcome, NO_VERDICT, "certificate")

    def test_a_cacert_that_is_none_is_one_sentence(self) -> None:
        folder = self.world.folder("cacert")
        (folder / "not.pem").write_text("not a certificate\n")
        for path in (folder / "not.pem", folder / "missing.pem"):
            with self.subTest(path=path.name):
                outcome = self.run_it("image", self.reference(), "--cacert", path)
                self.assert_one_sentence(outcome, NO_VERDICT, path.name)

    def test_insecure_holds_for_the_host_that_it_names_and_is_noted(self) -> None:
        reference, host = self.reference(), self.world.tls_registry.host
        report = self.scan(FOUND, "image", reference, "--insecure", host)
        self.assertIn(host, json.dumps(report.json["artifact"]["notes"]))
        outcome = self.run_it("image", reference, "--insecure", "registry.example")
        self.assert_one_sentence(outcome, NO_VERDICT, "certificate")


class Passwords(Case):
    def reference(self) -> str:
        return self.world.basic_registry.push("team/shop", "1", images.rogue_image().build())

    def attempt(self, reference: str, *options: str, **more: object) -> Outcome:
        outcome = self.run_it("image", reference, "--format", "json", *options, **more)
        told = (outcome.out + outcome.err).decode(errors="replace")
        for secret in (PASSWORD, base64.b64encode(f"reader:{PASSWORD}".encode()).decode()):
            self.assertNotIn(secret, told, "a password was shown")
        return outcome

    def assert_opens(self, reference: str, *options: str, **more: object) -> None:
        outcome = self.attempt(reference, *options, **more)
        self.assertEqual(outcome.status, FOUND, outcome.said)
        self.assert_finds_rogue(Report(outcome.out))

    def auth_file(self, key: str, word: str = PASSWORD) -> pathlib.Path:
        path = self.world.folder("auth") / "config.json"
        secret = base64.b64encode(f"reader:{word}".encode()).decode()
        path.write_text(json.dumps({"auths": {key: {"auth": secret}}}))
        return path

    def test_no_credentials_are_one_sentence_that_says_where_they_were_looked_for(self) -> None:
        self.assert_one_sentence(self.attempt(self.reference()), NO_VERDICT,
                                 self.world.basic_registry.host, "credentials")

    def test_a_password_on_stdin_opens(self) -> None:
        self.assert_opens(self.reference(), "--username", "reader", "--password-stdin",
                          stdin=PASSWORD.encode() + b"\n")

    def test_a_wrong_password_is_one_sentence_without_it(self) -> None:
        outcome = self.run_it("image", self.reference(), "--username", "reader", "--password-stdin",
                              stdin=b"not-the-password")
        self.assert_one_sentence(outcome, NO_VERDICT)
        self.assertNotIn(b"not-the-password", outcome.out + outcome.err)

    def test_a_username_without_a_password_is_a_usage_error(self) -> None:
        self.assert_one_sentence(self.run_it("image", self.reference(), "--username", "reader"),
                                 NO_VERDICT, "password")

    def test_registry_auth_file_opens(self) -> None:
        reference = self.reference()
        path = self.auth_file(self.world.basic_registry.host)
        self.assert_opens(reference, environment={"REGISTRY_AUTH_FILE": str(path)})

    def test_registry_auth_file_that_is_missing_or_broken_is_one_sentence(self) -> None:
        folder = self.world.folder("auth")
        (folder / "broken.json").write_text('{"auths": ')
        for name in ("missing.json", "broken.json"):
            with self.subTest(name=name):
                outcome = self.attempt(self.reference(), environment={
                    "REGISTRY_AUTH_FILE": str(folder / name)})
                self.assert_one_sentence(outcome, NO_VERDICT, name)

    def test_credentials_of_another_host_are_not_sent(self) -> None:
        path = self.auth_file("registry.example")
        outcome = self.attempt(self.reference(), environment={"REGISTRY_AUTH_FILE": str(path)})
        self.assertEqual(outcome.status, NO_VERDICT, outcome.said)

    def test_docker_config_opens(self) -> None:
        path = self.auth_file(f"https://{self.world.basic_registry.host}/v2/")
        self.assert_opens(self.reference(), environment={"DOCKER_CONFIG": str(path.parent)})

    def test_a_credential_helper_opens(self) -> None:
        folder = self.world.folder("helper")
        host = self.world.basic_registry.host
        helper = folder / "docker-credential-test"
        helper.write_text("#!/bin/sh\n"
                          f'read -r server; [ "$1" = get ] && [ "$server" = {host} ] || exit 1\n'
                          f'echo \'{{"ServerURL":"{host}","Username":"reader",'
                          f'"Secret":"{PASSWORD}"}}\'\n')
        helper.chmod(helper.stat().st_mode | stat.S_IXUSR)
        (folder / "config.json").write_text(json.dumps({"credHelpers": {host: "test"}}))
        environment = {"DOCKER_CONFIG": str(folder),
                       "PATH": f"{folder}:{self.world.environment()['PATH']}"}
        self.assert_opens(self.reference(), environment=environment)

    def test_a_credential_helper_that_is_not_there_is_one_sentence(self) -> None:
        folder = self.world.folder("helper")
        host = self.world.basic_registry.host
        (folder / "config.json").write_text(json.dumps({"credHelpers": {host: "absent"}}))
        outcome = self.attempt(self.reference(), environment={"DOCKER_CONFIG": str(folder)})
        self.assert_one_sentence(outcome, NO_VERDICT, "docker-credential-absent")


class Tokens(Case):
    def registry(self, user: str = "", password: str = "") -> tuple:
        authority = self.world.authority
        tokens = peers.TokenServer(authority, user, password)
        self.addCleanup(tokens.__exit__)
        registry = peers.Registry(self.world.folder("registry") / "token", tokens=tokens,
                                  token_roots=authority)
        registry.__enter__()
        self.addCleanup(registry.__exit__)
        reference = registry.push("team/shop", "1", images.rogue_image().build())
        tokens.requests.clear()
        return registry, tokens, reference

    def test_a_token_for_anyone_opens(self) -> None:
        _registry, tokens, reference = self.registry()
        self.assert_finds_rogue(self.scan(FOUND, "image", reference))
        self.assertTrue(tokens.requests)
        for path, authorization in tokens.requests:
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)
            self.assertEqual(query["scope"], ["repository:team/shop:pull"])
            self.assertEqual(query["service"], [tokens.service])
            self.assertIsNone(authorization)

    def test_a_token_for_a_user_opens(self) -> None:
        _registry, tokens, reference = self.registry("reader", PASSWORD)
        report = self.scan(FOUND, "image", reference, "--username", "reader", "--password-stdin",
                           stdin=PASSWORD.encode())
        self.assert_finds_rogue(report)
        self.assert_one_sentence(self.run_it("image", reference), NO_VERDICT)

    def test_a_ready_token_is_used_as_it_is(self) -> None:
        _registry, tokens, reference = self.registry("reader", PASSWORD)
        token = tokens.token(self.world.authority, ["repository:team/shop:pull"])
        self.assert_finds_rogue(self.scan(FOUND, "image", reference, "--registry-token", token))
        self.assertEqual(tokens.requests, [])
        outcome = self.run_it("image", reference, "--registry-token", "not.a.token")
        self.assert_one_sentence(outcome, NO_VERDICT)
        self.assertNotIn(b"not.a.token", outcome.out + outcome.err)
