"""Which layer wins: what a later layer deletes or replaces is still in the pulled bytes."""
import images
from harness import FOUND, Case
from images import rogue

PATH = "opt/tools/worker"


class States(Case):
    def found(self, *deleted_by: object, **options: object) -> dict:
        image, path = images.planted_image(deleted_by, **options)
        layout = images.write_layout(self.world.folder("states") / "l", {"t": image.build()})
        report = self.scan(FOUND, "image", f"oci:{layout}")
        found = report.at(path, "error")
        self.assertEqual(len(found), 1, report.keys())
        return found[0]

    def test_a_file_of_layer_3_of_6_deleted_by_layer_5_is_found_and_both_commands_are_named(
            self) -> None:
        finding = self.found(rogue.File("opt/tools/.wh.worker"))
        self.assertEqual(finding["state"], "deleted")
        place = finding["places"][0]
        self.assertEqual((place["layer_index"], place["layer_count"]), (2, 6))
        self.assertIn("fetch-tools", place["command"])
        self.assertIn("layer 5 of 6", place["hidden_by"])
        self.assertIn("clean-up", place["hidden_by"])

    def test_a_deleted_directory_deletes_what_is_below_it(self) -> None:
        self.assertEqual(self.found(rogue.File("opt/.wh.tools"))["state"], "deleted")

    def test_an_opaque_directory_deletes_what_was_in_it_whatever_the_order(self) -> None:
        opaque, other = rogue.File("opt/tools/.wh..wh..opq"), rogue.File("opt/tools/new", b"x")
        for entries in ((opaque, other), (other, opaque), (images.directory("opt/tools"), opaque)):
            with self.subTest(entries=len(entries)):
                self.assertEqual(self.found(*entries)["state"], "deleted")

    def test_removal_and_a_symlink_in_one_layer_are_an_overwrite(self) -> None:
        finding = self.found(rogue.File("opt/tools/.wh.worker"),
                             images.symlink("opt/tools/worker", "/bin/true"))
        self.assertEqual(finding["state"], "overwritten")

    def test_another_file_at_the_same_path_is_an_overwrite(self) -> None:
        self.assertEqual(self.found(rogue.File(PATH, b"harmless"))["state"], "overwritten")

    def test_a_file_in_the_place_of_the_directory_hides_it(self) -> None:
        self.assertIn(self.found(rogue.File("opt/tools", b"a file"))["state"],
                      ("overwritten", "deleted"))

    def test_a_whiteout_of_a_lower_layer_hides_nothing_of_a_higher_one(self) -> None:
        finding = self.found(rogue.File("opt/tools/.wh.worker"), at_layer=2)
        self.assertEqual(finding["state"], "present")

    def test_names_that_only_look_like_whiteouts_hide_nothing(self) -> None:
        for name in ("opt/tools/.wh.", "opt/tools/.wh..wh.plnk", "opt/tools/.wh.work",
                     "opt/tools/wh.worker"):
            with self.subTest(name=name):
                self.assertEqual(self.found(rogue.File(name))["state"], "present")

    def test_what_is_hidden_is_said_in_the_text_too(self) -> None:
        image, path = images.planted_image([rogue.File("opt/tools/.wh.worker")])
        layout = images.write_layout(self.world.folder("states") / "l", {"t": image.build()})
        outcome = self.run_it("image", f"oci:{layout}")
        self.assertEqual(outcome.status, FOUND)
        for words in (path, "deleted", "layer 3 of 6", "layer 5", "fetch-tools"):
            self.assertIn(words, outcome.out.decode())
