"""The whole way on the demonstration study, without a window: scan, decode, compare, and what run.sh leaves behind.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
STUDY = os.path.join(ROOT, "data", "demo", "study")
CLI = os.environ["INTERVAL_CLI"]
sys.path.insert(0, os.path.join(ROOT, "tests"))
sys.dont_write_bytecode = True


def cli(*arguments):
    result = subprocess.run([CLI, *arguments], capture_output=True, text=True, timeout=300)
    if result.returncode != 0:
        raise AssertionError(f"{arguments}: exit {result.returncode}: {result.stderr.strip()}")
    return result.stdout


def film(name):
    return os.path.join(STUDY, name + ".dcm")


class Demonstration(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.overlay = os.path.join(cls.folder.name, "changes.png")
        cls.lungs = os.path.join(cls.folder.name, "lungs.png")
        cls.forward = json.loads(cli("compare", film("current"), film("prior"), "--json",
                                     "--overlay", cls.overlay, "--lungs", cls.lungs))
        cls.backward = json.loads(cli("compare", film("prior"), film("current"), "--json"))
        cls.unchanged = json.loads(cli("compare", film("prior"), film("earlier"), "--json"))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def shown(self, answer, direction=None, side=None):
        return [c for c in answer["changes"] if c["score"] >= 0.5
                and (direction is None or c["direction"] == direction) and (side is None or c["zone"].startswith(side))]

    def test_scan_finds_the_prior_and_says_why(self):
        patient, = json.loads(cli("scan", STUDY, "--json"))["patients"]
        images = {os.path.basename(i["file"]): i for s in patient["studies"] for i in s["images"]}
        self.assertEqual(len(images), 3)
        prior = images["current.dcm"]["prior"]
        self.assertEqual(os.path.basename(prior["file"]), "prior.dcm")
        self.assertEqual(prior["reason"], "PA, 22 days earlier, same patient ID")
        self.assertIsNone(images["earlier.dcm"]["prior"]["file"])

    def test_registration_is_good(self):
        for answer in (self.forward, self.backward, self.unchanged):
            self.assertTrue(answer["registration"]["ok"])
            self.assertGreater(answer["registration"]["quality"], 0.6)

    def test_new_consolidation_is_increased_on_the_left(self):
        self.assertTrue(self.shown(self.forward, "increased", "left"), self.forward["changes"])

    def test_new_pneumothorax_is_decreased_on_the_right(self):
        self.assertTrue(self.shown(self.forward, "decreased", "right"), self.forward["changes"])

    def test_swapping_the_films_flips_the_directions(self):
        self.assertTrue(self.shown(self.backward, "decreased", "left"), self.backward["changes"])
        self.assertTrue(self.shown(self.backward, "increased", "right"), self.backward["changes"])

    def test_an_unchanged_pair_is_nearly_silent(self):
        self.assertLessEqual(len(self.shown(self.unchanged)), 1, self.unchanged["changes"])

    def test_pictures_are_written(self):
        for path in (self.overlay, self.lungs):
            with open(path, "rb") as f:
                self.assertEqual(f.read(8), b"\x89PNG\r\n\x1a\n")


class Errors(unittest.TestCase):
    def test_missing_file_is_named(self):
        result = subprocess.run([CLI, "compare", "no-such-film.dcm", film("prior")], capture_output=True, text=True)
        self.assertEqual(result.returncode, 1)
        self.assertIn("no-such-film.dcm", result.stderr)

    def test_wrong_usage_is_status_2(self):
        self.assertEqual(subprocess.run([CLI, "compare"], capture_output=True).returncode, 2)
        self.assertEqual(subprocess.run([CLI, "no-such-command"], capture_output=True).returncode, 2)


if __name__ == "__main__":
    import taptest
    taptest.main()
