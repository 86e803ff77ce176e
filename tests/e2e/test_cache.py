"""The cache: what was scanned before is not asked for again, and never changes a report."""
import os
import pathlib
import shutil
import subprocess
import time
from typing import Dict, List

import harness
import images
import peers
from harness import CLEAN, FOUND, NO_VERDICT

NOTES = "the cache is not used"
OWN_SIGNATURES = harness.own_signatures(r"print\(.hello.\)", "print('hello')", "hello")


class CacheCase(harness.Case):
    def cache(self) -> pathlib.Path:
        return self.world.folder("kept") / "cache"

    def report(self, status: int, cache: object, *arguments: object, **options: object) -> bytes:
        """The JSON report of a scan with that cache, of which nothing was said."""
        chosen = ["--no-cache"] if cache is None else ["--cache-dir", cache]
        outcome = self.run_it(*arguments, "-f", "json", *chosen, **options)
        self.assertEqual(outcome.status, status, outcome.said)
        self.assertEqual(outcome.err, b"", outcome.said)
        return outcome.out

    @staticmethod
    def records(cache: pathlib.Path) -> List[pathlib.Path]:
        return sorted(path for path in (cache / "v1").glob("*/*") if len(path.name) == 63)


class TestCache(CacheCase):
    def test_an_unchanged_image_again_asks_for_manifest_and_config_only(self) -> None:
        folder = self.world.folder("watched") / "registry"
        built = images.rogue_image().build()
        cache = self.cache()
        with peers.Registry(folder) as registry:
            reference = registry.push("team/rogue", "1", built)
            expected = self.report(FOUND, None, "image", reference)
            first = self.report(FOUND, cache, "image", reference)
            before = len(registry.asked())
            began = time.monotonic()
            again = self.report(FOUND, cache, "image", reference)
            print(f"        an unchanged image again: {(time.monotonic() - began) * 1000:.0f} ms")
            asked = registry.asked()[before:]
            layers = [path for path in asked if any(path.endswith(d) for d in built.layers)]
            self.assertEqual(layers, [])
            self.assertTrue(any("/manifests/" in path for path in asked), asked)
            self.assertTrue(any(path.endswith(built.config) for path in asked), asked)
            # Without the cache they are asked for, or this test proves nothing.
            self.report(FOUND, None, "image", reference)
            asked = registry.asked()[before:]
            for digest in built.layers:
                self.assertTrue(any(path.endswith(digest) for path in asked), digest)
        self.assertEqual(first, expected)
        self.assertEqual(again, expected)

    def test_a_layer_that_two_images_share_is_known_to_both(self) -> None:
        shared = images.layer(images.rogue.File("opt/tools/worker", images.rogue.fake_miner()))
        one = images.Image([shared])
        other = images.Image([images.layer(images.rogue.File("a", b"b\n")), shared], ["/a"])
        folder, cache = self.world.folder("shared"), self.cache()
        for name, image in (("one", one), ("other", other)):
            images.write_layout(folder / name, {"latest": image.build()})
        self.report(FOUND, cache, "image", f"oci:{folder}/one")
        (folder / "other/blobs" / one.build().layers[0].replace(":", "/")).unlink()
        with_cache = harness.Report(self.report(FOUND, cache, "image", f"oci:{folder}/other"))
        self.assertTrue(with_cache.at("opt/tools/worker", "error"))
        self.assertTrue(with_cache.complete)

    def test_reports_in_every_format_are_the_same_at_any_number_of_jobs(self) -> None:
        cache = self.cache()
        target = f"oci:{self.world.rogue_layout}"
        for kind in ("text", "json", "sarif"):
            texts = set()
            for jobs in (1, 8):
                for chosen in (["--no-cache"], ["--cache-dir", cache], ["--cache-dir", cache]):
                    outcome = self.run_it("image", target, "-f", kind, "-j", jobs, "-v", *chosen)
                    self.assertEqual(outcome.status, FOUND, outcome.said)
                    texts.add(outcome.out)
            self.assertEqual(len(texts), 1, kind)

    def test_a_package_again_is_the_same_and_under_another_name_is_not_mistaken(self) -> None:
        folder, cache = self.world.folder("package"), self.cache()
        text = b"pool: stratum+tcp://pool.example.org:3333\n"
        for name in ("notes.md", "run.sh"):
            (folder / name).write_bytes(text)
        for name in ("notes.md", "run.sh", "notes.md", "run.sh"):
            expected = self.run_it("package", folder / name, "-f", "json", "--no-cache")
            outcome = self.run_it("package", folder / name, "-f", "json", "--cache-dir", cache)
            self.assertEqual(outcome, expected._replace(peak_bytes=outcome.peak_bytes))

    def test_other_signatures_are_asked_anew(self) -> None:
        cache, folder = self.cache(), self.world.folder("signatures")
        layout = images.write_layout(folder / "layout", {"latest": images.clean_image().build()})
        (folder / "more").mkdir()
        (folder / "more/own.yaml").write_text(OWN_SIGNATURES)
        for _ in range(2):
            self.report(CLEAN, cache, "image", f"oci:{layout}")
            self.report(FOUND, cache, "image", f"oci:{layout}", "--signatures", folder / "more")

    def test_no_cache_leaves_no_trace(self) -> None:
        home = self.world.folder("home")
        changes = {"HOME": str(home), "XDG_CACHE_HOME": None}
        self.report(FOUND, None, "image", f"oci:{self.world.rogue_layout}", environment=changes)
        self.assertEqual(list(home.iterdir()), [])
        self.run_it("image", f"oci:{self.world.rogue_layout}", environment=changes)
        self.assertTrue(self.records(home / ".cache/minescan"))

    def test_info_and_clean(self) -> None:
        cache = self.cache()
        environment = {"MINESCAN_CACHE_DIR": str(cache)}
        outcome = self.run_it("cache", "info", environment=environment)
        self.assertEqual(outcome.status, 0, outcome.said)
        self.assertIn(f"{cache}: 0 records, 0 bytes of 1073741824", outcome.out.decode())
        self.run_it("image", f"oci:{self.world.rogue_layout}", environment=environment)
        count = len(self.records(cache))
        self.assertGreater(count, 3)
        outcome = self.run_it("cache", "info", "--cache-size", "2M", environment=environment)
        self.assertRegex(outcome.out.decode(), f": {count} records, [0-9]+ bytes of 2097152\n$")
        outcome = self.run_it("cache", "clean", "--cache-dir", cache)
        self.assertEqual(outcome.status, 0, outcome.said)
        self.assertIn(f"removed {count} records", outcome.out.decode())
        self.assertEqual(self.records(cache), [])


class TestHostileCache(CacheCase):
    def test_a_planted_record_cannot_whiten_a_layer(self) -> None:
        cache, target = self.cache(), f"oci:{self.world.rogue_layout}"
        layout = images.write_layout(self.world.folder("clean") / "layout",
                                     {"latest": images.clean_image().build()})
        expected = self.report(FOUND, None, "image", target)
        self.report(CLEAN, cache, "image", f"oci:{layout}")
        clean = [path.read_bytes() for path in self.records(cache)]
        shutil.rmtree(cache / "v1")
        for plant in (lambda old: clean[0], lambda old: clean[-1], lambda old: b"",
                      lambda old: old[:-1], lambda old: old[:40],
                      lambda old: old[:40] + clean[0][40:], lambda old: clean[0][:40] + old[40:],
                      lambda old: bytes(len(old))):
            self.assertEqual(self.report(FOUND, cache, "image", target), expected)
            for path in self.records(cache):
                path.write_bytes(plant(path.read_bytes()))
            self.assertEqual(self.report(FOUND, cache, "image", target), expected)

    def test_a_scan_that_was_cut_off_or_damaged_is_not_kept(self) -> None:
        built, cache = images.rogue_image().build(), self.cache()
        layout = images.write_layout(self.world.folder("damaged") / "layout", {"latest": built})
        expected = self.report(FOUND, None, "image", f"oci:{layout}")
        blob = layout / "blobs" / built.layers[0].replace(":", "/")
        whole = blob.read_bytes()
        for damaged in (whole[:len(whole) // 2], whole + b"\0", whole[:-1] + b"x", None):
            if damaged is None:
                blob.unlink()
            else:
                blob.write_bytes(damaged)
            self.run_it("image", f"oci:{layout}", "--cache-dir", cache)
        blob.write_bytes(whole)
        self.assertEqual(self.report(FOUND, cache, "image", f"oci:{layout}"), expected)

    def test_a_wrong_promise_of_a_known_layers_size_is_still_an_integrity_failure(self) -> None:
        built, cache = images.clean_image().build(), self.cache()
        layout = images.write_layout(self.world.folder("size") / "layout", {"latest": built})
        self.report(CLEAN, cache, "image", f"oci:{layout}")
        size = len(built.blobs[built.layers[0]])
        lying = built.document.replace(b'"size": %d' % size, b'"size": %d' % (size + 1))
        self.assertNotEqual(lying, built.document)
        images.write_layout(layout, {"latest": images.Built(
            lying, built.media_type, built.blobs, built.platform, built.layers, built.config)})
        outcome = self.run_it("image", f"oci:{layout}", "--cache-dir", cache)
        self.assertEqual(outcome.status, NO_VERDICT, outcome.said)

    def test_a_cache_that_others_could_fill_is_not_used_and_that_is_said_once(self) -> None:
        target = f"oci:{self.world.rogue_layout}"
        expected = self.report(FOUND, None, "image", target)
        folder = self.world.folder("odd")
        (folder / "open").mkdir()
        (folder / "open").chmod(0o777)
        (folder / "real").mkdir(0o700)
        (folder / "link").symlink_to("real")
        (folder / "file").write_bytes(b"")
        (folder / "loose").mkdir(0o700)
        (folder / "loose/key").write_bytes(bytes(32))
        (folder / "loose/key").chmod(0o644)
        odd = ["open", "link", "file", "loose"]
        if os.geteuid() == 0:
            (folder / "foreign").mkdir(0o700)
            os.chown(folder / "foreign", 1, 1)
            odd.append("foreign")
        for name in odd:
            outcome = self.run_it("image", target, "-f", "json", "--cache-dir", folder / name)
            self.assert_one_sentence(outcome, FOUND, NOTES, name)
            self.assertEqual(outcome.out, expected)
            quiet = self.run_it("image", target, "-q", "--cache-dir", folder / name)
            self.assertEqual(quiet.err, b"")
            if name != "loose":
                clean = self.run_it("cache", "clean", "--cache-dir", folder / name)
                self.assert_one_sentence(clean, NO_VERDICT, name)
        self.assertEqual(list((folder / "real").iterdir()), [])

    def test_without_a_home_or_with_one_that_cannot_be_written_nothing_is_said(self) -> None:
        target = f"oci:{self.world.rogue_layout}"
        expected = self.report(FOUND, None, "image", target)
        file = self.world.folder("home") / "file"
        file.write_bytes(b"")
        for home in (None, "", "relative", "/proc/nowhere", str(file)):
            changes: Dict[str, object] = {"HOME": home, "XDG_CACHE_HOME": None}
            outcome = self.run_it("image", target, "-f", "json", environment=changes)
            self.assertEqual((outcome.status, outcome.err), (FOUND, b""), outcome.said)
            self.assertEqual(outcome.out, expected)
        self.assert_one_sentence(
            self.run_it("image", target, "-f", "json", "--cache-dir", "/proc/nowhere"), FOUND,
            NOTES, "/proc/nowhere")

    def test_a_full_disk_costs_records_but_no_verdict(self) -> None:
        folder = self.world.folder("full")
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k,mode=700", "none", str(folder)],
                          stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("mounting a small file system needs more rights")
        try:
            target = f"oci:{self.world.debian_layout}"
            expected = self.report(CLEAN, None, "image", target)
            for _ in range(2):
                self.assertEqual(self.report(CLEAN, folder, "image", target), expected)
            self.assertEqual(list(folder.glob("v1/*/.new-*")), [])
        finally:
            subprocess.run(["umount", str(folder)], check=True)


class TestManyProcesses(CacheCase):
    def start(self, cache: pathlib.Path) -> subprocess.Popen:
        return subprocess.Popen(
            [str(self.world.binary), "image", f"oci:{self.world.rogue_layout}", "-f", "json",
             "--cache-dir", str(cache)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=self.world.environment())

    def test_sixteen_processes_share_an_empty_cache(self) -> None:
        expected = self.report(FOUND, None, "image", f"oci:{self.world.rogue_layout}")
        for _ in range(3):
            cache = self.cache()
            running = [self.start(cache) for _ in range(16)]
            for process in running:
                out, err = process.communicate(timeout=harness.RUN_SECONDS)
                self.assertEqual((process.returncode, err), (FOUND, b""))
                self.assertEqual(out, expected)
            self.assertEqual(list(cache.glob("v1/*/.new-*")), [])

    def test_killed_at_any_moment_the_cache_still_gives_the_right_report(self) -> None:
        target = f"oci:{self.world.rogue_layout}"
        began = time.monotonic()
        expected = self.report(FOUND, None, "image", target)
        lasts = time.monotonic() - began
        cache = self.cache()
        killed = 0
        for number in range(50):
            process = self.start(cache)
            try:
                process.communicate(timeout=lasts * (number + 1) / 50)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                killed += 1
            if number % 10 == 9:
                self.assertEqual(self.report(FOUND, cache, "image", target), expected)
                shutil.rmtree(cache / "v1")
        self.assertGreater(killed, 10)
        self.assertEqual(self.report(FOUND, cache, "image", target), expected)
        self.assertEqual(self.report(FOUND, cache, "image", target), expected)
