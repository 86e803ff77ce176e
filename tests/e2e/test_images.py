"""Images on disk and in engines: every form gives the same findings."""
import gzip
import io
import pathlib
import shutil
import subprocess
import tarfile
import unittest

import images
import peers
from harness import CLEAN, FOUND, INCOMPLETE, NO_VERDICT, Case
from images import rogue

TESTDATA = pathlib.Path(__file__).resolve().parents[2] / "testdata"


class LocalForms(Case):
    def check(self, reference: object, *options: str) -> set:
        report = self.scan(FOUND, "image", reference, *options)
        self.assert_finds_rogue(report)
        self.assertTrue(report.complete)
        return report.keys()

    def test_the_image_of_the_readme_is_found_out(self) -> None:
        self.check(f"oci-archive:{TESTDATA / 'rogue-image.tar'}")

    def test_every_form_of_one_image_gives_the_same_findings(self) -> None:
        world, folder = self.world, self.world.folder("forms")
        layout = world.rogue_layout
        image, built = images.rogue_image(), images.rogue_image().build()
        world.skopeo("copy", f"oci:{layout}:latest", f"docker-archive:{folder}/skopeo.tar:shop:1")
        world.skopeo("copy", f"oci:{layout}:latest", f"oci-archive:{folder}/skopeo-oci.tar:latest")
        (folder / "save.tar").write_bytes(images.tar(images.docker_archive_files(image, "shop:1")))
        (folder / "null.tar").write_bytes(images.tar(images.docker_archive_files(image, None)))
        save25 = images.tar_of(images.docker25_files(built, "docker.io/library/shop:1"))
        (folder / "save25.tar").write_bytes(save25)
        (folder / "save25.tar.gz").write_bytes(gzip.compress(save25))
        (folder / "save25.tar.zst").write_bytes(images.zstd(save25))
        wanted = self.check(f"oci:{layout}:latest")
        for reference in (f"oci:{layout}", layout, f"oci-archive:{folder}/skopeo-oci.tar:latest",
                          folder / "skopeo-oci.tar", f"docker-archive:{folder}/skopeo.tar",
                          f"docker-archive:{folder}/skopeo.tar:shop:1", folder / "skopeo.tar",
                          f"docker-archive:{folder}/save.tar", folder / "null.tar",
                          f"docker-archive:{folder}/save25.tar", folder / "save25.tar",
                          folder / "save25.tar.gz", folder / "save25.tar.zst"):
            with self.subTest(reference=str(reference).replace(str(world.scratch), "…")):
                self.assertEqual(self.check(reference), wanted)

    def test_every_compression_of_layers_gives_the_same_findings(self) -> None:
        wanted = self.check(self.world.rogue_layout)
        for packed in images.PACKINGS:
            with self.subTest(packed=packed):
                layout = images.write_layout(self.world.folder("packed") / "l",
                                             {"t": images.rogue_image(packed=packed).build()})
                self.assertEqual(self.check(f"oci:{layout}:t"), wanted)

    def test_a_media_type_that_lies_about_compression_hides_nothing(self) -> None:
        image = images.rogue_image(packed="zstd")
        for one in image.layers:
            one.media_type = images.OCI + "layer.v1.tar"
        self.check(images.write_layout(self.world.folder("lie") / "l", {"t": image.build()}))

    def test_a_layer_of_an_unknown_media_type_is_read_by_its_content(self) -> None:
        image = images.rogue_image()
        for one in image.layers:
            one.media_type = "application/vnd.rogue.example.layer"
        self.check(images.write_layout(self.world.folder("type") / "l", {"t": image.build()}))

    def test_layers_that_umoci_made_are_read(self) -> None:
        folder = self.world.folder("umoci")
        layout = folder / "layout"
        shutil.copytree(self.world.debian_layout, layout)
        (folder / "worker").write_bytes(rogue.fake_miner())
        self.world.tool("umoci", "insert", "--rootless", "--image", f"{layout}:debian",
                        folder / "worker", "/usr/bin/worker")
        report = self.scan(FOUND, "image", f"oci:{layout}:debian")
        self.assertTrue(report.at("usr/bin/worker", "error"))

    def test_an_image_of_debian_packages_is_clean(self) -> None:
        report = self.scan(CLEAN, "image", f"oci:{self.world.debian_layout}:debian",
                           "--fail-on", "warning")
        self.assertTrue(report.complete)

    def test_a_command_alone_is_enough(self) -> None:
        image = images.clean_image()
        image.entrypoint = ["/bin/sh", "-c", " ".join(rogue.miner_argv())]
        layout = images.write_layout(self.world.folder("command") / "l", {"t": image.build()})
        report = self.scan(FOUND, "image", f"oci:{layout}")
        self.assertTrue(report.at("", "error"))

    def test_one_tag_of_several_must_be_named(self) -> None:
        layout = images.write_layout(self.world.folder("tags") / "l", {
            "good": images.clean_image().build(), "bad": images.rogue_image().build()})
        self.scan(CLEAN, "image", f"oci:{layout}:good")
        self.check(f"oci:{layout}:bad")
        self.assert_one_sentence(self.run_it("image", f"oci:{layout}"), NO_VERDICT, "good", "bad")


class Platforms(Case):
    def layout(self) -> pathlib.Path:
        both = images.index([images.clean_image().build(),
                             images.rogue_image(platform="linux/arm64").build()])
        return images.write_layout(self.world.folder("index") / "l", {"t": both})

    def test_all_platforms_are_scanned(self) -> None:
        report = self.scan(FOUND, "image", f"oci:{self.layout()}")
        self.assert_finds_rogue(report)
        places = [place["platform"] for finding in report.findings for place in finding["places"]]
        self.assertEqual(set(places), {"linux/arm64"})

    def test_a_platform_left_out_outside_is_listed_and_not_incomplete(self) -> None:
        report = self.scan(CLEAN, "image", f"oci:{self.layout()}", "--platform", "linux/amd64")
        self.assertEqual(report.gap_reasons(), {"net.platform"})
        self.assertTrue(report.complete)

    def test_aliases_of_platforms_are_understood(self) -> None:
        report = self.scan(FOUND, "image", f"oci:{self.layout()}", "--platform", "linux/aarch64")
        self.assert_finds_rogue(report)

    def test_a_platform_that_is_not_there_is_an_error_that_lists_what_is(self) -> None:
        outcome = self.run_it("image", f"oci:{self.layout()}", "--platform", "linux/s390x")
        self.assert_one_sentence(outcome, NO_VERDICT, "s390x", "linux/amd64", "linux/arm64")


class Engines(Case):
    """podman and buildah, where they are installed and can run."""

    def test_an_image_in_podman_is_read_through_its_socket(self) -> None:
        if peers.Podman.why_not():
            self.skipTest(peers.Podman.why_not())
        folder = self.world.folder("podman")
        (folder / "image.tar").write_bytes(
            images.tar(images.docker_archive_files(images.rogue_image(), "localhost/shop:1")))
        podman = peers.Podman(folder / "engine")
        loaded = podman.command("load", "-i", str(folder / "image.tar"))
        if loaded.returncode != 0:
            self.skipTest("podman cannot load an image here: " +
                          loaded.stdout.decode(errors="replace").strip()[-200:])
        with podman:
            environment = {"DOCKER_HOST": f"unix://{podman.socket}"}
            report = self.scan(FOUND, "image", "docker-daemon:localhost/shop:1",
                               environment=environment)
            self.assert_finds_rogue(report)
            outcome = self.run_it("image", "docker-daemon:localhost/none:1", environment=environment)
            self.assert_one_sentence(outcome, NO_VERDICT, "localhost/none:1")
        saved = folder / "saved.tar"
        self.assertEqual(podman.command("save", "-o", str(saved), "localhost/shop:1").returncode, 0)
        self.assert_finds_rogue(self.scan(FOUND, "image", f"docker-archive:{saved}"))

    def test_no_engine_is_one_sentence(self) -> None:
        outcome = self.run_it("image", "docker-daemon:shop:1",
                              environment={"DOCKER_HOST": f"unix://{self.world.scratch}/none.sock"})
        self.assert_one_sentence(outcome, NO_VERDICT, "none.sock")

    def test_an_image_that_buildah_built_names_its_commands(self) -> None:
        if not shutil.which("buildah"):
            self.skipTest("buildah is not installed")
        folder = self.world.folder("buildah")
        (folder / "worker").write_bytes(rogue.fake_miner())
        (folder / "Dockerfile").write_text("FROM scratch\nCOPY worker /opt/worker\n"
                                           "COPY Dockerfile /opt/recipe\nENTRYPOINT [\"/opt/worker\"]\n")
        store = ["--root", str(folder / "root"), "--runroot", str(folder / "run"),
                 "--storage-driver", "vfs"]
        built = subprocess.run(
            ["buildah", *store, "--signature-policy", str(self.world.policy), "bud", "--isolation",
             "chroot", "--layers", "-t", "localhost/built:1", str(folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
        if built.returncode != 0:
            self.skipTest("buildah cannot build here: " +
                          built.stdout.decode(errors="replace").strip()[-200:])
        self.world.tool("buildah", *store, "push", "--signature-policy", self.world.policy,
                        "localhost/built:1", f"oci-archive:{folder}/built.tar")
        report = self.scan(FOUND, "image", f"oci-archive:{folder}/built.tar")
        found = report.at("opt/worker", "error")
        self.assertTrue(found)
        self.assertIn("COPY", found[0]["places"][0]["command"])


class OddLayouts(Case):
    """Layouts that break a rule.  Never clean, never a crash, never a byte read outside them."""

    def files(self) -> dict:
        return images.layout_files({"t": images.clean_image().build()})

    def write(self, files: dict) -> pathlib.Path:
        return images.write_files(self.world.folder("odd") / "l", files)

    def test_a_blob_that_is_missing_is_a_gap(self) -> None:
        built = images.clean_image().build()
        files = self.files()
        del files["blobs/" + built.layers[0].replace(":", "/")]
        report = self.scan(INCOMPLETE, "image", f"oci:{self.write(files)}")
        self.assertIn("net.missing", report.gap_reasons())

    def test_a_blob_with_other_bytes_is_no_verdict(self) -> None:
        built = images.clean_image().build()
        files = self.files()
        name = "blobs/" + built.layers[0].replace(":", "/")
        files[name] = images.pack(images.tar([rogue.File("x", b"other")]), "gzip")
        outcome = self.run_it("image", f"oci:{self.write(files)}")
        self.assert_one_sentence(outcome, NO_VERDICT, built.layers[0][7:19])

    def test_a_blob_that_is_a_symlink_is_not_followed(self) -> None:
        built = images.clean_image().build()
        layout = self.write(self.files())
        blob = layout / "blobs" / built.layers[0].replace(":", "/")
        outside = self.world.folder("outside") / "blob"
        blob.rename(outside)
        blob.symlink_to(outside)
        self.assertIn(self.run_it("image", f"oci:{layout}").status, (NO_VERDICT, INCOMPLETE))

    def test_a_digest_that_climbs_out_of_the_layout_is_refused(self) -> None:
        files = self.files()
        index = files["index.json"].decode()
        digest = images.clean_image().build().digest
        files["index.json"] = index.replace(digest, "sha256:../../../../../etc/passwd").encode()
        self.assert_one_sentence(self.run_it("image", f"oci:{self.write(files)}"), NO_VERDICT,
                                 "digest")

    def changed_manifest(self, change) -> object:
        """Scans a clean image whose manifest's text went through `change`; digests are right."""
        built = images.clean_image().build()
        built.document = change(built.document.decode()).encode()
        return self.run_it("image", f"oci:{self.write(images.layout_files({'t': built}))}")

    def test_a_manifest_that_is_an_index_too_is_refused(self) -> None:
        outcome = self.changed_manifest(lambda text: text.replace(
            '"schemaVersion": 2', '"manifests": [], "schemaVersion": 2'))
        self.assert_one_sentence(outcome, NO_VERDICT)

    def test_repeated_keys_in_a_manifest_are_refused(self) -> None:
        outcome = self.changed_manifest(lambda text: text.replace(
            '"schemaVersion": 2', '"layers": [], "schemaVersion": 2'))
        self.assert_one_sentence(outcome, NO_VERDICT, "layers")

    def test_a_negative_size_is_refused(self) -> None:
        size = len(images.clean_image().config())
        outcome = self.changed_manifest(lambda text: text.replace(f'"size": {size}', '"size": -1'))
        self.assert_one_sentence(outcome, NO_VERDICT, "size")

    def test_a_blob_longer_than_its_descriptor_says_is_no_verdict(self) -> None:
        built = images.clean_image().build()
        blob = built.blobs[built.layers[0]]
        outcome = self.changed_manifest(lambda text: text.replace(f'"size": {len(blob)}',
                                                                  f'"size": {len(blob) - 1}'))
        self.assert_one_sentence(outcome, NO_VERDICT, built.layers[0][7:19])

    def test_inline_data_that_is_not_what_the_digest_promises_is_refused(self) -> None:
        outcome = self.changed_manifest(lambda text: text.replace(
            '"config": {', '"config": {"data": "e30=", ', 1))
        self.assert_one_sentence(outcome, NO_VERDICT)

    def test_a_layer_that_unpacks_to_other_bytes_than_the_config_says_is_scanned_and_noted(
            self) -> None:
        image = images.rogue_image()
        honest = image.config()
        other = honest.replace(images.digest_of(image.layers[0].tar)[7:].encode(), b"0" * 64)
        self.assertNotEqual(honest, other)
        image.config = lambda: other  # type: ignore[method-assign]
        layout = images.write_layout(self.world.folder("diff") / "l", {"t": image.build()})
        report = self.scan(FOUND, "image", f"oci:{layout}")
        self.assert_finds_rogue(report)
        self.assertIn("0" * 64, str(report.json["anomalies"]))

    def test_a_chain_of_64_indexes_ends_within_bounds_and_is_never_clean(self) -> None:
        built = images.clean_image().build()
        for _ in range(64):
            built = images.index([built])
        layout = images.write_layout(self.world.folder("chain") / "l", {"t": built})
        outcome = self.run_it("image", f"oci:{layout}")
        self.assertIn(outcome.status, (NO_VERDICT, INCOMPLETE), outcome.said)

    def test_an_index_of_10000_manifests_ends_within_bounds_and_is_never_clean(self) -> None:
        one = images.clean_image().build()
        built = images.index([one] * 10_000)
        layout = images.write_layout(self.world.folder("wide") / "l", {"t": built})
        outcome = self.run_it("image", f"oci:{layout}")
        self.assertIn(outcome.status, (NO_VERDICT, INCOMPLETE), outcome.said)

    def test_a_saved_image_whose_layer_climbs_out_is_refused(self) -> None:
        image = images.clean_image()
        config = image.config()
        path = self.world.folder("climb") / "save.tar"
        path.write_bytes(images.tar([
            rogue.File("config.json", config), rogue.File("../layer.tar", image.layers[0].tar),
            rogue.File("manifest.json", images.to_json([{
                "Config": "config.json", "RepoTags": ["shop:1"], "Layers": ["../layer.tar"]}]))]))
        self.assert_one_sentence(self.run_it("image", f"docker-archive:{path}"), NO_VERDICT, "..")

    def test_a_saved_image_of_before_docker_1_10_is_refused_and_says_so(self) -> None:
        path = self.world.folder("old") / "save.tar"
        path.write_bytes(images.tar([
            rogue.File("repositories", b'{"shop": {"1": "abc"}}'),
            rogue.File("abc/json", b'{"id": "abc"}'),
            rogue.File("abc/layer.tar", images.clean_image().layers[0].tar)]))
        self.assert_one_sentence(self.run_it("image", f"docker-archive:{path}"), NO_VERDICT,
                                 "save.tar")

    def test_a_layer_listed_500_times_is_read_once(self) -> None:
        image = images.rogue_image()
        image.layers = image.layers[:1] * 500
        layout = images.write_layout(self.world.folder("repeat") / "l", {"t": image.build()})
        report = self.scan(FOUND, "image", f"oci:{layout}")
        self.assertLess(report.coverage["units"], 10)

    def test_an_archive_cut_short_is_never_clean(self) -> None:
        whole = (TESTDATA / "rogue-image.tar").read_bytes()
        path = self.world.folder("cut") / "image.tar"
        for keep in (0, 1, 511, 512, 5000, len(whole) // 2, len(whole) - 30000):
            with self.subTest(keep=keep):
                path.write_bytes(whole[:keep])
                outcome = self.run_it("image", f"oci-archive:{path}")
                self.assertIn(outcome.status, (FOUND, NO_VERDICT, INCOMPLETE), outcome.said)
                self.assertLessEqual(len(outcome.err.splitlines()), 1, outcome.said)
                self.assertTrue(outcome.out or outcome.err, "silence is no answer")

    def test_a_tar_of_files_is_no_image_and_says_so(self) -> None:
        path = self.world.folder("plain") / "files.tar"
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as archive:
            archive.addfile(tarfile.TarInfo("hello"))
        path.write_bytes(out.getvalue())
        self.assert_one_sentence(self.run_it("image", f"oci-archive:{path}"), NO_VERDICT,
                                 "files.tar")


if __name__ == "__main__":
    unittest.main()
