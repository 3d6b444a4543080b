"""Makes the demonstration study: a simulated patient's films as DICOM files.

    /usr/bin/python3 make.py [--out ../study] [--pixels 1024]

Needs Debian's python3-numpy, python3-scipy, python3-pil and python3-pydicom; not needed to build Interval. The same
numbers give the same films.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import argparse
import os

import numpy as np

import dicom_out
import film
from anatomy import Patient
from findings import Consolidation, Effusion, Nodule, Pneumothorax
from project import View, project

SEED = 11
STABLE_NODULE = Nodule((58, 14, 62), 15)
# Oldest first: file, days before the last film, how it was taken, what is on it.
FILMS = [
    ("earlier.dcm", 214, dict(inspiration=1.5, tilt=0.8, shift=(3.0, -2.0)), dict(contrast=0.95),
     [STABLE_NODULE]),
    ("prior.dcm", 22, dict(inspiration=-1.5, tilt=-1.6, shift=(-5.0, 4.0), distance=1800.0), dict(contrast=1.05),
     [STABLE_NODULE]),
    ("current.dcm", 0, dict(inspiration=1.0, tilt=1.1, shift=(4.0, -3.0)), dict(contrast=1.0),
     [STABLE_NODULE, Consolidation((86, -12, -6), (32, 38, 34), 0.95, 5), Effusion("left", 30.0), Pneumothorax("right", 30.0, 13.0)]),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "study"))
    parser.add_argument("--pixels", type=int, default=1024)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    patient = Patient.make(SEED)
    for number, (name, days, how, grey, findings) in enumerate(FILMS):
        view = View(pixels=args.pixels, spacing=0.37 * 1024 / args.pixels, **how)
        paths = project(patient, view, findings)
        signal = film.expose(paths, view.spacing, SEED * 100 + number)
        stored = film.develop(signal, view.spacing, **grey)
        # The side letter stands at the patient's left, which is the right of the picture.
        height = args.pixels // 26
        film.marker(stored, "L", args.pixels - 4 * height, 2 * height, height, 3900)
        dicom_out.write(os.path.join(args.out, name), stored, view, days, number)
        print(f"{name}: {stored.shape[1]} x {stored.shape[0]}, {view.view}, {days} days before the last film")


if __name__ == "__main__":
    main()
