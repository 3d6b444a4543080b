"""The simulated thorax: repeatable, plausible, and its findings are where they were put.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import os
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import pydicom

HERE = os.path.dirname(os.path.abspath(__file__))
DEMO = os.path.join(HERE, "..", "..", "data", "demo")
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(DEMO, "make"))
sys.path.insert(0, os.path.join(HERE, ".."))

import film  # noqa: E402
import findings as fi  # noqa: E402
from anatomy import Patient  # noqa: E402
from project import View, project  # noqa: E402

SMALL = dict(pixels=192, spacing=0.37 * 1024 / 192)


class Thorax(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.patient = Patient.make(3)
        cls.clear = project(cls.patient, View(**SMALL))

    def difference(self, finding):
        return project(self.patient, View(**SMALL), [finding]) - self.clear

    def test_same_seed_same_film(self):
        again = project(Patient.make(3), View(**SMALL))
        self.assertTrue(np.array_equal(again, self.clear))
        self.assertFalse(np.array_equal(project(Patient.make(4), View(**SMALL)), self.clear))

    def test_lungs_let_more_through_than_the_mediastinum(self):
        middle, lung = self.clear[96, 96], self.clear[80, 50]
        self.assertGreater(middle, lung + 1.0)      # at least e-fold more attenuation

    def test_nodule_adds_its_chord(self):
        # A ball of 20 mm adds at most its diameter of soft tissue minus lung, and only near its place.
        d = self.difference(fi.Nodule((-60, 0, 40), 20))
        self.assertAlmostEqual(d.max(), 20 * (0.0194 - 0.0050), delta=0.02)
        row, column = np.unravel_index(d.argmax(), d.shape)
        self.assertLess(column, 96)                 # patient's right is the picture's left
        self.assertLess((d > 0.01).sum() * SMALL["spacing"] ** 2, 3.15 * 12 ** 2 * 1.3)

    def test_pneumothorax_is_darker_on_its_own_side_only(self):
        d = self.difference(fi.Pneumothorax("right", 30, 14))
        self.assertLess(d[:, :90].min(), -0.15)
        self.assertGreater(np.abs(d[:, :90]).sum(), 50 * np.abs(d[:, 110:]).sum())

    def test_effusion_and_consolidation_are_denser(self):
        for finding in (fi.Effusion("left", 40), fi.Consolidation((70, 0, 0), (30, 30, 30), 0.8, 1)):
            d = self.difference(finding)
            self.assertGreater(d[:, 100:].max(), 0.2)
            self.assertGreaterEqual(d[:, :80].min(), -1e-9)

    def test_processing_keeps_dense_bright(self):
        g = film.develop(film.expose(self.clear, SMALL["spacing"], 1), SMALL["spacing"])
        self.assertEqual(g.dtype, np.uint16)
        self.assertLess(g.max(), 4096)
        self.assertGreater(int(g[96, 96]), int(g[80, 50]))


class Study(unittest.TestCase):
    def test_files_are_one_simulated_patient(self):
        sets = [pydicom.dcmread(os.path.join(DEMO, "study", n + ".dcm")) for n in ("earlier", "prior", "current")]
        self.assertEqual(len({d.PatientID for d in sets}), 1)
        self.assertEqual(len({d.StudyInstanceUID for d in sets}), 3)
        self.assertEqual([d.StudyDate for d in sets], sorted(d.StudyDate for d in sets))
        for d in sets:
            self.assertTrue(d.ImageComments.startswith("SIMULATED"))
            self.assertEqual((d.ViewPosition, d.BodyPartExamined, d.BitsStored), ("PA", "CHEST", 12))

    def test_the_program_writes_readable_files(self):
        with tempfile.TemporaryDirectory() as out:
            subprocess.run([sys.executable, os.path.join(DEMO, "make", "make.py"), "--out", out, "--pixels", "128"],
                           check=True, stdout=subprocess.DEVNULL)
            for name in os.listdir(out):
                subprocess.run(["dcmdump", "-q", os.path.join(out, name)], check=True, stdout=subprocess.DEVNULL)
                self.assertEqual(pydicom.dcmread(os.path.join(out, name)).Rows, 128)


if __name__ == "__main__":
    import taptest
    taptest.main()
