"""Chapters 3.6 to 3.9 of the catalogue: most of it needs more than one input and one run, and has
tests of its own."""
import os
import pathlib
from typing import List

import images
from hostile import (EVIL, GOOD, NAME, Elsewhere, Line, clean, found, incomplete, package,
                     refused, repo, row)
from images import rogue

NET = "test_hostile_network.Network."
UNIT = "tests/unit/"
HTTP = UNIT + "acquire/http_test.cpp: http: "


def self_ignore(tree: pathlib.Path) -> None:
    images.write_files(tree, {
        NAME: b"#!/bin/sh\n# minescan:ignore nosec noqa\n" + EVIL, ".minescan.yaml": b"fail-on: note\n",
        ".minescanignore": b"*\n", ".gitignore": b"*\n", ".trivyignore": b"*\n",
        "minescan.yaml": b"ignore: all\n"})


def beside_a_hole(tree: pathlib.Path) -> None:
    images.write_files(tree, {"hole": b"", NAME: EVIL})
    os.truncate(tree / "hole", 1 << 40)


ROWS: List[Line] = [
    # 3.6, what is written
    Elsewhere(96, "control sequences in names and excerpts",
              ["test_hostile.Output.test_no_sink_passes_on_what_a_name_or_a_text_holds"]),
    Elsewhere(97, "commands of CI systems in names and excerpts",
              ["test_hostile.Output.test_no_sink_passes_on_what_a_name_or_a_text_holds"]),
    Elsewhere(98, "HTML, Markdown, formulas", [
        "tests/unit/report/golden_test.cpp: golden: the Markdown reports hold no markup but "
        "minescan's own", "test_hostile.Output.test_no_sink_passes_on_what_a_name_or_a_text_holds"]),
    Elsewhere(99, "bidirectional and invisible characters",
              ["test_output.Safety.test_hostile_names_reach_no_terminal"]),
    Elsewhere(100, "names that are no UTF-8, have NUL, look like options",
              ["test_output.Safety.test_exact_bytes_of_a_name_stay_in_json"]),
    Elsewhere(101, "more findings than SARIF's readers take",
              ["test_hostile.Output.test_more_findings_than_readers_take_are_cut_and_counted"]),
    Elsewhere(102, "names that look like URIs",
              ["tests/unit/report/golden_test.cpp: golden: the SARIF logs follow the rules"]),
    Elsewhere(103, "a report's path that is a link, a FIFO, a folder, a full disk", [
        "test_output.Files.test_a_full_disk_is_one_sentence_and_no_verdict",
        "test_output.Files.test_a_report_is_not_written_through_a_symlink",
        "test_output.Files.test_a_report_that_cannot_be_written_is_one_sentence",
        "test_hostile.Output.test_a_fifo_is_no_report"]),
    Elsewhere(104, "a reader that leaves", [
        "test_output.Files.test_a_reader_that_leaves_early_is_no_crash_and_no_clean",
        "test_output.Files.test_a_closed_stdout_is_no_verdict"]),
    Elsewhere(105, "a secret beside the command",
              ["test_hostile.Output.test_a_secret_beside_the_command_is_masked"]),
    # 3.7, the network
    Elsewhere(106, "realms that lead inside", [
        NET + "test_106_a_realm_that_leads_inside_gets_no_connection_and_no_password",
        UNIT + "acquire/address_test.cpp: address: every way to write an inner address is one"]),
    Elsewhere(107, "another address between check and connection",
              [HTTP + "a server on the internet cannot lead to loopback, whether by number"]),
    Elsewhere(108, "redirects and logins",
              [NET + "test_108_a_redirect_loses_the_login_and_a_token_server_may_not_redirect"]),
    Elsewhere(109, "redirects to other schemes", [NET + "test_109_other_schemes_are_not_followed"]),
    Elsewhere(110, "loops of redirects",
              [NET + "test_110_five_redirects_are_followed_and_no_more",
               UNIT + "acquire/http_test.cpp: five redirects are followed and a sixth is an error"]),
    Elsewhere(111, "bodies and headers without end",
              [NET + "test_111_bodies_and_headers_without_end_are_cut"]),
    Elsewhere(112, "lengths that lie", [NET + "test_112_lengths_that_lie_are_no_verdict"]),
    Elsewhere(113, "transfers that break, and servers that want to be waited for", [
        NET + "test_113_a_blob_goes_on_where_it_broke", NET + "test_113_nobody_waits_for_ever",
        HTTP + "failures that pass are tried four times with growing waits"]),
    Elsewhere(114, "ranges that are not kept",
              [NET + "test_114_an_answer_from_the_begin_is_not_spliced"]),
    Elsewhere(115, "a byte a second",
              [HTTP + "a server that says nothing is given up, and cancelling does not wait"]),
    Elsewhere(116, "compressed transfer",
              [NET + "test_116_compressed_transfer_is_not_asked_for_and_not_taken"]),
    Elsewhere(117, "certificates and old TLS", [
        NET + "test_117_certificates_that_do_not_hold_and_old_tls_are_refused",
        "test_registry.Tls.test_insecure_holds_for_the_host_that_it_names_and_is_noted"]),
    Elsewhere(118, "a host that looks alike",
              [NET + "test_118_a_look_alike_host_gets_no_credentials"]),
    Elsewhere(119, "line ends and logins in references",
              [NET + "test_119_references_with_line_ends_or_logins_ask_nobody"]),
    Elsewhere(120, "secrets in outputs",
              [NET + "test_120_no_output_shows_the_login_or_the_token"]),
    Elsewhere(121, "files and variables of other programs",
              [NET + "test_121_files_and_variables_of_other_programs_change_nothing"]),
    # 3.8, command line, configuration, policy
    row(122, "a tree that ignores itself", repo(self_ignore), found(NAME)),
    Elsewhere(122, "a configuration in what is scanned is never read",
              ["test_gate.Policies.test_a_configuration_in_what_is_scanned_is_never_read"]),
    Elsewhere(123, "a change of the policy that judges it",
              ["test_gate.Policies.test_the_change_cannot_ignore_itself"]),
    Elsewhere(124, "a baseline by the attacker",
              ["test_gate.Policies.test_the_change_cannot_ignore_itself",
               UNIT + "judge/policy_test.cpp: a baseline marks what it knows"]),
    Elsewhere(125, "an entry that ignores more than one file's bytes",
              [UNIT + "judge/policy_test.cpp: an entry hides exactly the bytes that it names"]),
    Elsewhere(126, "variables that would change the verdict",
              ["test_hostile.Policy.test_no_variable_changes_the_verdict"]),
    Elsewhere(127, "keys that are unknown, twice, or of a wrong kind", [
        "test_gate.Policies.test_what_is_wrong_with_a_policy_is_one_sentence",
        UNIT + "judge/policy_test.cpp: a policy names file, line and reason when it is wrong"]),
    Elsewhere(128, "arguments of any bytes", ["test_hostile.Policy.test_arguments_are_bytes"]),
    Elsewhere(129, "a target that is missing or empty", [
        "test_bad_input.Paths.test_what_is_missing_is_one_sentence",
        "test_bad_input.Paths.test_an_empty_directory_is_never_clean"]),
    Elsewhere(130, "signatures that are broken or costly", [
        "test_bad_input.Signatures.test_a_signature_that_does_not_load_is_one_sentence_that_names_"
        "the_file", "test_hostile.Policy.test_costly_signatures_are_refused",
        "test_packs.Refused.test_what_is_not_what_was_signed_is_one_sentence",
        "test_packs.Refused.test_keys_decide",
        "test_packs.Refused.test_an_older_pack_than_was_used_is_refused"]),
    Elsewhere(131, "no rules at all",
              ["test_bad_input.Signatures.test_a_folder_without_signatures_is_one_sentence"]),
    Elsewhere(132, "a cache that others could fill",
              ["test_cache.TestHostileCache.test_a_cache_that_others_could_fill_is_not_used_and_"
               "that_is_said_once"]),
    Elsewhere(133, "forged records", [
        "test_cache.TestHostileCache.test_a_planted_record_cannot_whiten_a_layer",
        "test_cache.TestCache.test_other_signatures_are_asked_anew"]),
    Elsewhere(134, "a serialised database of another build, or of nobody knows whom", [
        "test_packs.Refused.test_what_is_not_what_was_signed_is_one_sentence",
        UNIT + "match/signed_pack_test.cpp: a pack of another format is refused once its signature "
        "was verified",
        UNIT + "match/signed_pack_test.cpp: databases of another Hyperscan or processor are compiled "
        "afresh",
        UNIT + "match/signed_pack_test.cpp: a database with a flipped bit is not used, though the "
        "pack is signed",
        UNIT + "app/signatures_test.cpp: of one that another program made only the texts are used"]),
    # 3.9, trees, resources, faults
    Elsewhere(135, "links in loops and out of the tree",
              ["test_trees.Trees.test_symlink_loops_end_and_links_are_not_followed_outside"]),
    Elsewhere(136, "FIFOs, sockets, files that may not be read", [
        "test_trees.Trees.test_what_is_no_file_is_a_gap_and_does_not_hang",
        "test_trees.Trees.test_what_may_not_be_read_is_a_gap"]),
    Elsewhere(137, "paths longer than PATH_MAX",
              ["test_trees.Trees.test_a_deep_tree_and_long_names_are_walked"]),
    Elsewhere(138, "files that change while they are read",
              [UNIT + "acquire/tree_test.cpp: tree: a file that shrinks or grows while it is read",
               UNIT + "acquire/tree_test.cpp: tree: a file that is gone or replaced"]),
    Elsewhere(139, "a file that states no size",
              [UNIT + "acquire/tree_test.cpp: tree: files whose stated size is not true"]),
    row(139, "a file of nothing but a hole of 1 TiB, and a script", repo(beside_a_hole),
        found(NAME, "no more than 68719476736"), slow=True),
    Elsewhere(140, "full disks", [
        "test_output.Files.test_a_full_disk_is_one_sentence_and_no_verdict",
        "test_cache.TestHostileCache.test_a_full_disk_costs_records_but_no_verdict"]),
    Elsewhere(141, "memory that is refused", ["test_faults.py"]),
    Elsewhere(142, "a worker without memory", ["test_workers.py"]),
    Elsewhere(143, "a worker that dies or hangs", ["test_workers.py"]),
    Elsewhere(144, "a parent that is killed", ["test_workers.py", "test_faults.py"]),
    Elsewhere(145, "descriptors, interrupts, short reads",
              ["test_bad_input.Resources.test_no_descriptors_left_is_one_sentence_or_a_gap",
               "test_faults.py"]),
    Elsewhere(146, "many processes and one cache",
              ["test_cache.TestManyProcesses.test_sixteen_processes_share_an_empty_cache"]),
    Elsewhere(147, "a clock that jumps", ["test_hostile.Sources.test_no_limit_looks_at_the_clock"]),
    Elsewhere(148, "no sandbox", ["test_workers.py"]),
    Elsewhere(149, "any number of jobs",
              ["test_output.Determinism.test_one_thread_and_eight_give_the_same_bytes"]),
    Elsewhere(150, "locales, and no home",
              ["test_hostile.Policy.test_locale_and_home_do_not_change_the_report"]),
]
