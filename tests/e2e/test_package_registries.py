"""Packages out of their registries, which are static servers on loopback."""
import json
import pathlib
from typing import Dict, Optional

import package_files
import peers
from harness import CLEAN, FOUND, INCOMPLETE, NO_VERDICT, Case, Outcome
from package_files import MINER, NpmPages

TOKEN = "npm_s3cretWord"


class Registry(Case):
    """What the classes below share: a home and a working folder of its own for each test."""

    def setUp(self) -> None:
        self.home = self.world.folder("home")
        self.project = self.world.folder("project")

    def serve(self, token: str = "") -> peers.Pages:
        server = peers.Pages(token)
        server.__enter__()
        self.addCleanup(server.__exit__)
        return server

    def options(self, environment: Optional[Dict[str, Optional[str]]] = None) -> dict:
        return {"cwd": self.project, "environment": {"HOME": str(self.home), **(environment or {})}}

    def run_here(self, *arguments: object, **environment: Optional[str]) -> Outcome:
        outcome = self.run_it(*arguments, **self.options(environment))
        self.assertNotIn(TOKEN.encode(), outcome.out + outcome.err, "a secret was shown")
        return outcome

    def scan_here(self, status: int, *arguments: object, **environment: Optional[str]):
        return self.scan(status, *arguments, **self.options(environment))


class Npm(Registry):
    def setUp(self) -> None:
        super().setUp()
        self.server = self.serve()
        self.npm = NpmPages(self.server)

    def npmrc(self, text: str, folder: Optional[pathlib.Path] = None) -> None:
        ((folder or self.home) / ".npmrc").write_text(text)

    def use(self, server: peers.Pages) -> None:
        self.npmrc(f"registry={server.url}/\n//{server.host}/:_authToken={TOKEN}\n")

    def tarball(self, name: str = "left-shop", version: str = "1.3.0", miner: bool = False) -> bytes:
        return package_files.npm_tarball(self.world, name, version, miner)

    def package(self, status: int, reference: str, *arguments: object):
        return self.scan_here(status, "package", reference, "--npm-registry", self.server.url,
                              *arguments)

    def test_a_clean_package_is_clean_and_named_by_its_package_url(self) -> None:
        data = self.tarball()
        self.npm.add("left-shop", "1.3.0", data)
        for reference in ("npm:left-shop@1.3.0", "npm:left-shop", "npm:left-shop@latest",
                          "pkg:npm/left-shop@1.3.0"):
            with self.subTest(reference=reference):
                report = self.package(CLEAN, reference, "--fail-on", "note")
                self.assertTrue(report.complete)
                artifact = report.json["artifact"]
                self.assertEqual(artifact["name"], "pkg:npm/left-shop@1.3.0")
                self.assertEqual(artifact["digest"],
                                 "sha512:" + package_files.hexdigest(data, "sha512"))
                self.assertEqual(report.coverage["unit_bytes"], len(data))

    def test_a_miner_in_a_package_is_found(self) -> None:
        self.npm.add("left-shop", "1.3.0", self.tarball(miner=True))
        report = self.package(FOUND, "npm:left-shop@1.3.0")
        self.assertTrue(report.inside(MINER, "error"), report.keys())
        self.assertEqual(report.findings[0]["trail"][0]["name"], "npm:left-shop@1.3.0")

    def test_the_registry_is_asked_for_the_short_document(self) -> None:
        self.npm.add("left-shop", "1.3.0", self.tarball())
        self.package(CLEAN, "npm:left-shop")
        self.assertIn("application/vnd.npm.install-v1+json", self.server.accepted[0])

    def test_other_bytes_than_the_registry_promises_are_no_verdict(self) -> None:
        data = self.tarball()
        right, wrong = package_files.sri(data), package_files.sri(b"other")
        for name, dist in (("sha512", {"integrity": wrong}),
                           ("weak", {"integrity": f"{wrong} {package_files.sri(data, 'sha1')}"}),
                           ("shasum", {"shasum": package_files.hexdigest(b"other", "sha1")})):
            with self.subTest(dist=name):
                self.npm.add(name, "1.0.0", data, dist)
                report = self.package(NO_VERDICT, f"npm:{name}@1.0.0")
                said = json.dumps(report.json)
                self.assertIn(f"npm:{name}@1.0.0", said)
                algorithm = "sha1" if name == "shasum" else "sha512"
                for known in (data, b"other"):
                    self.assertIn(package_files.hexdigest(known, algorithm), said)
        self.npm.add("either", "1.0.0", data, {"integrity": f"{wrong} {right}"})
        self.package(CLEAN, "npm:either@1.0.0")

    def test_an_old_package_with_only_a_sha1_is_checked_and_none_at_all_is_noted(self) -> None:
        data = self.tarball()
        self.npm.add("old", "0.1.0", data, {"shasum": package_files.hexdigest(data, "sha1")})
        self.npm.add("bare", "0.1.0", data, {})
        self.assertEqual(self.package(CLEAN, "npm:old").json["artifact"]["digest"],
                         "sha1:" + package_files.hexdigest(data, "sha1"))
        self.assertIn("nobody promises a digest", json.dumps(self.package(CLEAN, "npm:bare").json))

    def test_an_unknown_version_names_those_that_are_near(self) -> None:
        for version in ("1.2.0", "1.3.0", "1.10.0", "2.0.0"):
            self.npm.add("left-shop", version, b"")
        for reference, words in (("npm:left-shop@1.4.0", ["1.4.0", "1.3.0", "1.10.0", "2.0.0"]),
                                 ("npm:left-shop@beta", ["beta", "2.0.0"]),
                                 ("npm:left-shop@^1.0.0", ["ranges", "2.0.0"])):
            with self.subTest(reference=reference):
                outcome = self.run_here("package", reference, "--npm-registry", self.server.url)
                self.assert_one_sentence(outcome, NO_VERDICT, *words)

    def test_what_cannot_be_fetched_is_one_sentence(self) -> None:
        nobody = f"http://127.0.0.1:{peers.free_port()}"
        for reference, registry, word in (
                ("npm:no-such-shop", self.server.url, "no-such-shop"),
                ("npm:left-shop", nobody, nobody), ("npm:../up", self.server.url, "no name"),
                ("npm:", self.server.url, "npm:NAME"), ("npm:x", "ftp://npm.example", "ftp"),
                ("gem:rails", self.server.url, "gem"),
                ("npm:x", "http://npm.example", "--insecure")):
            with self.subTest(reference=reference, registry=registry):
                outcome = self.run_here("package", reference, "--npm-registry", registry)
                self.assert_one_sentence(outcome, NO_VERDICT, word)

    def test_a_tarball_that_is_gone_is_no_verdict(self) -> None:
        path = self.npm.add("left-shop", "1.3.0", self.tarball())
        del self.server.pages[path]
        self.package(INCOMPLETE, "npm:left-shop")

    def test_without_a_registry_the_option_is_named(self) -> None:
        outcome = self.run_here("package", "npm:left-shop", PATH=str(self.home))
        self.assert_one_sentence(outcome, NO_VERDICT, "--npm-registry")

    def test_a_package_over_the_size_limit_is_incomplete(self) -> None:
        data = self.tarball(miner=True)
        self.npm.add("large", "1.0.0", data)
        report = self.package(INCOMPLETE, "npm:large", "--max-package-size", "100")
        self.assertEqual(report.gap_reasons(), {"limit.bytes"})
        self.assertIn("--max-package-size", json.dumps(report.gaps))
        self.package(FOUND, "npm:large", "--max-package-size", "1MB")

    # --- who is asked, and with which token -----------------------------------------------------

    def test_the_registry_comes_from_option_environment_project_and_user(self) -> None:
        servers = [self.serve() for _ in range(4)]
        for server in servers:
            NpmPages(server).add("left-shop", "1.3.0", self.tarball())
        option, environment, project, user = servers
        self.npmrc(f"registry = {user.url} ; mine\n")
        self.scan_here(CLEAN, "package", "npm:left-shop")
        self.npmrc(f"registry=\"{project.url}\"\n", self.project)
        self.scan_here(CLEAN, "package", "npm:left-shop")
        self.scan_here(CLEAN, "package", "npm:left-shop", NPM_CONFIG_REGISTRY=environment.url)
        self.scan_here(CLEAN, "package", "npm:left-shop", "--npm-registry", option.url,
                       npm_config_registry=environment.url)
        self.assertEqual([len(server.requests) for server in servers], [2, 2, 2, 2])

    def test_a_scope_has_a_registry_of_its_own(self) -> None:
        team = self.serve()
        NpmPages(team, "/npm").add("@team/shop", "1.0.0", self.tarball("@team/shop", "1.0.0"))
        self.npm.add("@other/shop", "1.0.0", self.tarball("@other/shop", "1.0.0"))
        self.npmrc(f"@team:registry={team.url}/npm\nregistry={self.server.url}\n")
        self.scan_here(CLEAN, "package", "npm:@team/shop")
        report = self.scan_here(CLEAN, "package", "pkg:npm/%40other/shop@1.0.0")
        self.assertEqual(report.json["artifact"]["name"], "pkg:npm/%40other/shop@1.0.0")
        self.assertEqual(team.paths()[0], "/npm/@team%2fshop")
        self.assertEqual(len(self.server.requests), 2)

    def test_a_token_goes_to_its_host_and_to_no_other(self) -> None:
        closed, files = self.serve(f"Bearer {TOKEN}"), self.serve()
        NpmPages(closed).add("left-shop", "1.3.0", self.tarball(), files=files)
        self.use(closed)
        self.scan_here(CLEAN, "package", "npm:left-shop")
        self.assertEqual(closed.tokens(), [f"Bearer {TOKEN}"])
        self.assertEqual(files.paths(), ["/left-shop/-/left-shop-1.3.0.tgz"])
        self.assertEqual(files.tokens(), [])

    def test_a_redirect_to_another_host_loses_the_token(self) -> None:
        closed, files = self.serve(f"Bearer {TOKEN}"), self.serve()
        path = NpmPages(closed).add("left-shop", "1.3.0", self.tarball())
        files.pages["/file"] = closed.pages[path]
        closed.pages[path] = (302, {"Location": f"{files.url}/file"}, b"")
        self.use(closed)
        self.scan_here(CLEAN, "package", "npm:left-shop")
        self.assertEqual(len(closed.tokens()), 2)
        self.assertEqual((files.paths(), files.tokens()), (["/file"], []))

    def test_a_token_for_a_path_covers_that_path_alone(self) -> None:
        NpmPages(self.server, "/a").add("shop", "1.0.0", self.tarball("shop", "1.0.0"))
        NpmPages(self.server, "/b").add("shop", "1.0.0", self.tarball("shop", "1.0.0"))
        self.npmrc(f"//{self.server.host}/a/:_authToken={TOKEN}\n")
        for path in ("/a", "/b"):
            self.scan_here(CLEAN, "package", "npm:shop", "--npm-registry", self.server.url + path)
        self.assertEqual([bool(given) for _, given in self.server.requests],
                         [True, True, False, False])

    def test_a_registry_that_wants_a_token_says_where_it_belongs(self) -> None:
        closed = self.serve("Bearer other")
        self.use(closed)
        outcome = self.run_here("package", "npm:left-shop")
        self.assert_one_sentence(outcome, NO_VERDICT, "401", f"//{closed.host}/:_authToken",
                                 "~/.npmrc")

    def test_a_password_is_sent_as_npm_sends_it(self) -> None:
        closed = self.serve("Basic cmVhZGVyOnM6dw==")  # reader:s:w
        NpmPages(closed).add("left-shop", "1.3.0", self.tarball())
        self.npmrc(f"registry={closed.url}\n//{closed.host}/:username=reader\n"
                   f"//{closed.host}/:_password=czp3\n")
        self.scan_here(CLEAN, "package", "npm:left-shop")
        self.npmrc(f"registry={closed.url}\n//{closed.host}/:_auth=cmVhZGVyOnM6dw==\n")
        self.scan_here(CLEAN, "package", "npm:left-shop")

    def test_a_project_cannot_send_the_environment_to_a_host_of_its_choice(self) -> None:
        self.npm.add("left-shop", "1.3.0", self.tarball())
        self.npmrc(f"registry={self.server.url}\n//{self.server.host}/:_authToken=${{SECRET}}\n",
                   self.project)
        self.scan_here(CLEAN, "package", "npm:left-shop", SECRET=TOKEN)
        self.assertEqual(self.server.tokens(), [])
        # Whoever names the host outside of the project lets the project's line count.
        self.scan_here(CLEAN, "package", "npm:left-shop", SECRET=TOKEN,
                       npm_config_registry=self.server.url)
        self.assertEqual(self.server.tokens(), [f"Bearer {TOKEN}"] * 2)
        self.npmrc(f"registry={self.server.url}/${{SECRET}}/\n", self.project)
        outcome = self.run_here("package", "npm:left-shop", SECRET=TOKEN)
        self.assert_one_sentence(outcome, NO_VERDICT, "--npm-registry")
        self.assertFalse([path for path in self.server.paths() if TOKEN in path])

    def test_a_registry_cannot_lead_into_other_networks(self) -> None:
        self.npm.add("left-shop", "1.3.0", self.tarball())
        for url, word in (("https://169.254.169.254/a.tgz", b"may not lead"),
                          ("https://10.0.0.1/a.tgz", b"may not lead"),
                          ("http://files.example/a.tgz", b"not encrypted"),
                          ("file:///etc/passwd", b"scheme 'file'")):
            with self.subTest(url=url):
                document = self.npm.documents["left-shop"]
                document["versions"]["1.3.0"]["dist"]["tarball"] = url
                self.npm.publish("left-shop")
                outcome = self.run_here("package", "npm:left-shop", "--npm-registry",
                                        self.server.url)
                self.assertEqual(outcome.status, NO_VERDICT, outcome.said)
                self.assertIn(word, outcome.out + outcome.err, outcome.said)

    def test_a_file_of_a_packages_name_is_reached_by_a_path(self) -> None:
        (self.project / "npm:left-shop").write_bytes(self.tarball(miner=True))
        self.npm.add("left-shop", "1.3.0", self.tarball())
        self.package(CLEAN, "npm:left-shop")
        self.package(FOUND, "./npm:left-shop")


class Pypi(Registry):
    def setUp(self) -> None:
        super().setUp()
        self.server = self.serve()

    def package(self, status: int, reference: str, *arguments: object):
        return self.scan_here(status, "package", reference, "--pypi-index",
                              f"{self.server.url}/simple", *arguments)

    def fill(self, index: package_files.PypiPages, miner: bool = False) -> None:
        """A release whose second wheel may hold a miner, an older one and a yanked one."""
        module = {"demo_shop/__init__.py": b"x = 1\n"}
        rogue = {f"demo_shop/{MINER}": package_files.rogue.fake_miner()} if miner else {}
        for name, data in (
                ("demo_shop-1.0.tar.gz", package_files.sdist("demo_shop", "1.0", module)),
                ("demo_shop-1.10-py3-none-any.whl", package_files.wheel("demo_shop", "1.10", module)),
                ("demo_shop-1.10-cp311-cp311-linux_x86_64.whl",
                 package_files.wheel("demo_shop", "1.10", {**module, **rogue})),
                ("demo-shop-1.10.tar.gz", package_files.sdist("demo-shop", "1.10", module)),
                ("demo_shop-1.2-py3-none-any.whl", package_files.wheel("demo_shop", "1.2", module))):
            index.add("demo-shop", name, data)
        index.add("demo-shop", "demo_shop-2.0.tar.gz",
                  package_files.sdist("demo_shop", "2.0", module), yanked="oops")

    def test_json_and_html_give_all_files_of_the_newest_release(self) -> None:
        for html in (False, True):
            for reference in ("pypi:demo-shop", "pypi:Demo_Shop@1.10", "pkg:pypi/demo-shop@1.10"):
                with self.subTest(html=html, reference=reference):
                    self.server = self.serve()
                    self.fill(package_files.PypiPages(self.server, html))
                    report = self.package(CLEAN, reference, "--fail-on", "note")
                    self.assertEqual(report.json["artifact"]["name"], "pkg:pypi/demo-shop@1.10")
                    self.assertTrue(report.complete)
                    self.assertEqual(sorted(p for p in self.server.paths() if "files" in p),
                                     ["/files/demo-shop-1.10.tar.gz",
                                      "/files/demo_shop-1.10-cp311-cp311-linux_x86_64.whl",
                                      "/files/demo_shop-1.10-py3-none-any.whl"])

    def test_a_miner_in_one_of_several_wheels_is_found_there(self) -> None:
        self.fill(package_files.PypiPages(self.server), miner=True)
        report = self.package(FOUND, "pypi:demo-shop")
        self.assertEqual({f["trail"][0]["name"] for f in report.inside(MINER, "error")},
                         {"pypi:demo-shop@1.10/demo_shop-1.10-cp311-cp311-linux_x86_64.whl"})

    def test_other_bytes_than_the_index_promises_are_no_verdict(self) -> None:
        data = package_files.sdist("demo", "1.0", {})
        package_files.PypiPages(self.server).add("demo", "demo-1.0.tar.gz", data,
                                                 package_files.hexdigest(b"other"))
        said = json.dumps(self.package(NO_VERDICT, "pypi:demo").json)
        for word in ("demo-1.0.tar.gz", package_files.hexdigest(b"other"),
                     package_files.hexdigest(data)):
            self.assertIn(word, said)

    def test_an_unknown_version_or_package_is_one_sentence(self) -> None:
        self.fill(package_files.PypiPages(self.server))
        for reference, words in (("pypi:demo-shop@1.3", ["1.3", "1.2", "1.10"]),
                                 ("pypi:demo-shop@>=1", ["ranges", "1.10"]),
                                 ("pypi:no-such-shop", ["no-such-shop", "404"])):
            with self.subTest(reference=reference):
                outcome = self.run_here("package", reference, "--pypi-index",
                                        f"{self.server.url}/simple")
                self.assert_one_sentence(outcome, NO_VERDICT, *words)

    def test_a_yanked_release_is_scanned_when_it_is_named_and_noted(self) -> None:
        self.fill(package_files.PypiPages(self.server))
        self.assertIn("yanked: oops", json.dumps(self.package(CLEAN, "pypi:demo-shop@2.0").json))

    def test_a_login_goes_to_the_index_and_not_to_the_files_on_another_host(self) -> None:
        closed, files = self.serve("Basic cmVhZGVyOm5wbV9zM2NyZXRXb3Jk"), self.serve()
        self.fill(package_files.PypiPages(closed, files=files))
        (self.home / ".config/pip").mkdir(parents=True)
        (self.home / ".config/pip/pip.conf").write_text(
            f"[global]\nindex-url = http://reader:{TOKEN}@{closed.host}/simple\n")
        self.scan_here(CLEAN, "package", "pypi:demo-shop")
        self.assertEqual((len(closed.tokens()), len(files.requests), files.tokens()), (1, 3, []))
        closed.pages.clear()
        self.assert_one_sentence(self.run_here("package", "pypi:demo-shop"), NO_VERDICT, "404")

    def test_an_extra_index_is_looked_at_and_named(self) -> None:
        extra = self.serve()
        self.fill(package_files.PypiPages(extra))
        report = self.scan_here(CLEAN, "package", "pypi:demo-shop",
                                PIP_INDEX_URL=f"{self.server.url}/simple",
                                PIP_EXTRA_INDEX_URL=f"{extra.url}/simple")
        self.assertIn(f"extra index {extra.url}/simple/", json.dumps(report.json))


class Crates(Registry):
    def setUp(self) -> None:
        super().setUp()
        self.server = self.serve()
        self.crates = package_files.CratePages(self.server)

    def package(self, status: int, reference: str):
        return self.scan_here(status, "package", reference, "--cargo-index",
                              f"{self.server.url}/index")

    def crate(self, version: str, miner: bool = False) -> bytes:
        rogue = {f"data/{MINER}": package_files.rogue.fake_miner()} if miner else {}
        return package_files.crate(self.world, "demo-shop", version, rogue)

    def test_the_newest_crate_that_is_not_yanked_is_taken(self) -> None:
        data = self.crate("0.10.0")
        self.crates.add("demo-shop", "0.9.0", b"")
        self.crates.add("demo-shop", "0.10.0", data)
        self.crates.add("demo-shop", "0.11.0", b"", yanked=True)
        for reference in ("crate:demo-shop", "cargo:demo-shop@0.10.0", "pkg:cargo/demo-shop@0.10.0"):
            with self.subTest(reference=reference):
                report = self.package(CLEAN, reference)
                self.assertEqual(report.json["artifact"]["name"], "pkg:cargo/demo-shop@0.10.0")
                self.assertEqual(report.json["artifact"]["digest"],
                                 "sha256:" + package_files.hexdigest(data))

    def test_a_miner_in_a_crate_is_found(self) -> None:
        self.crates.add("demo-shop", "0.1.0", self.crate("0.1.0", miner=True))
        report = self.package(FOUND, "crate:demo-shop")
        self.assertTrue(report.inside(MINER, "error"), report.keys())
        self.assertEqual(report.findings[0]["trail"][0]["name"], "crate:demo-shop@0.1.0")

    def test_other_bytes_than_the_index_promises_are_no_verdict(self) -> None:
        self.crates.add("demo-shop", "0.1.0", self.crate("0.1.0"),
                        cksum=package_files.hexdigest(b"other"))
        said = json.dumps(self.package(NO_VERDICT, "crate:demo-shop").json)
        self.assertIn("crate:demo-shop@0.1.0", said)
        self.assertIn(package_files.hexdigest(b"other"), said)

    def test_what_cannot_be_fetched_is_one_sentence(self) -> None:
        self.crates.add("demo-shop", "0.1.0", b"")
        self.server.pages["/index/go/ne/gone-shop"] = (451, {}, b"")
        for reference, index, words in (
                ("crate:demo-shop@0.2.0", "/index", ["0.2.0", "0.1.0"]),
                ("crate:no-such-shop", "/index", ["no-such-shop", "404"]),
                ("crate:gone-shop", "/index", ["gone-shop", "451"]),
                ("crate:demo-shop", "/other", ["config.json", "--cargo-index"])):
            with self.subTest(reference=reference, index=index):
                outcome = self.run_here("package", reference, "--cargo-index",
                                        self.server.url + index)
                self.assert_one_sentence(outcome, NO_VERDICT, *words)

    def test_cargos_own_configuration_leads_to_the_index(self) -> None:
        self.crates.add("demo-shop", "0.1.0", self.crate("0.1.0"))
        (self.project / ".cargo").mkdir()
        (self.project / ".cargo/config.toml").write_text(
            '[source.crates-io]\nreplace-with = "mirror"\n'
            f'[source.mirror]\nregistry = "sparse+{self.server.url}/index/"\n')
        self.scan_here(CLEAN, "package", "crate:demo-shop")
        self.assertEqual(self.server.paths(), ["/index/config.json", "/index/de/mo/demo-shop",
                                               "/dl/demo-shop/0.1.0/download"])
