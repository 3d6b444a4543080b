"""A folder as it comes from outside: good films, and files that no reader should trip over.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import collections
import os

import numpy as np
import pydicom
from pydicom.uid import ImplicitVRLittleEndian, generate_uid

N_PATIENTS, N_FILMS = 6, 15  # small films of patients with nothing special
Expected = collections.namedtuple("Expected", "n_patients enormous")

# Longer than any text of a header may be; the reader shortens them.
ENORMOUS = "Enormous " * 40000
TEXTS = ("PatientName", "PatientID", "StudyDescription", "SeriesDescription", "ImageComments", "InstitutionName",
         "ReferringPhysicianName", "Manufacturer", "BodyPartExamined", "ProtocolName")


def write_film(path, study, size=96, **attributes):
    """The demonstration's film, small, as somebody else's; returns path."""
    d = pydicom.dcmread(os.path.join(study, "earlier.dcm"))
    stored = np.add.outer(np.arange(size), np.arange(size)) * 4095 // (2 * size)
    d.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian  # its lengths have 32 bits
    d.is_implicit_VR, d.is_little_endian = True, True
    d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    d.StudyInstanceUID, d.SeriesInstanceUID = generate_uid(), generate_uid()
    d.Rows = d.Columns = size
    d.PixelData = stored.astype("<u2").tobytes()
    d["PixelData"].is_undefined_length = False
    for name, value in attributes.items():
        setattr(d, name, value)
    d.save_as(path)
    return path


def write(folder, name, data):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def make_films(folder, study):
    for patient in range(N_PATIENTS):
        for film in range(N_FILMS):
            write_film(os.path.join(folder, f"patient{patient:02}-{film}.dcm"), study, PatientID=f"P{patient}",
                       PatientName=f"Patient^{patient:02}", StudyDate=f"202401{film + 10}",
                       AcquisitionDate=f"202401{film + 10}")


def make_strange_films(folder, study):
    with pydicom.config.disable_value_validation():
        write_film(os.path.join(folder, "enormous.dcm"), study, **{name: ENORMOUS for name in TEXTS})
        write_film(os.path.join(folder, "markup & <i>.dcm"), study, PatientName="<b>Tags & Co", PatientID="<a&b>",
                   SeriesDescription="&#0; %s %n </span>")
        # One letter under thousands of accents, a line that turns round, and letters of no language.
        write_film(os.path.join(folder, "letters.dcm"), study, PatientID="letters",
                   PatientName="A" + "\u0301" * 5000 + "\u202e\u2066\u0007\u200d\ufdd0")


def make_broken_files(folder, study):
    with open(os.path.join(study, "current.dcm"), "rb") as file:
        good = file.read()
    for part in range(0, 40):  # cut off somewhere, from the preamble to the last pixels
        write(folder, f"cut-{part:02}.dcm", good[:len(good) * part // 40])
    for place in range(132, 3000, 60):  # one byte of the header is another
        write(folder, f"byte-{place}.dcm", good[:place] + bytes([good[place] ^ 0xff]) + good[place + 1:])
    write(folder, "none.dcm", b"")
    write(folder, "text.dcm", b"This is not a film.\n" * 1000)
    write(folder, "noise.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100)
    # A picture that says it has 60,000 x 60,000 pixels.
    write(folder, "huge.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0\0\xea\x60" * 2 + b"\x10\0\0\0\0" + b"\0" * 4)
    write(folder, "noise.jpg", b"\xff\xd8\xff\xe0" + b"\xff\xc0" * 500)
    write(folder, "noise.tif", b"II*\0\x08\0\0\0\xff\xff" + b"\xff" * 4000)
    write(folder, "DICOMDIR", good[:2000])


def make_traps(folder):
    """What is no file at all."""
    os.mkfifo(os.path.join(folder, "pipe.dcm"))
    os.symlink("nowhere", os.path.join(folder, "dangling.dcm"))
    os.symlink(folder, os.path.join(folder, "round"))
    deep = folder
    for level in range(40):
        deep = os.path.join(deep, f"level{level}")
        os.mkdir(deep)
    write(deep, "text.dcm", b"no film")


def make_folder(folder, study):
    os.mkdir(folder)
    for name in ("prior.dcm", "current.dcm"):
        with open(os.path.join(study, name), "rb") as file:
            write(folder, name, file.read())
    make_films(folder, study)
    make_strange_films(folder, study)
    make_broken_files(folder, study)
    make_traps(folder)
    return Expected(N_PATIENTS + 4, "Enormous Enormous")
