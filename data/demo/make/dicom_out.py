"""Writes a film as a DICOM Digital X-Ray Image object (For Presentation), PS3.3 A.26.

Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import datetime
import hashlib
import shutil
import subprocess

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

LAST_FILM = datetime.datetime(2026, 3, 16, 9, 41, 5)
DX_PRESENTATION = "1.2.840.10008.5.1.4.1.1.1.1"
PATIENT = dict(PatientName="Simulated^Demonstration", PatientID="INTERVAL-DEMO-1", PatientBirthDate="19620704", PatientSex="M")


def uid(*words):
    """A UUID-derived UID (PS3.5 B.2) that depends only on the words."""
    return "2.25." + str(int(hashlib.sha256("/".join(map(str, words)).encode()).hexdigest()[:31], 16))


def code(value, scheme, meaning):
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def write(path, stored, view, days, number):
    """stored: [rows, columns] uint16, 12 bits, dense = bright; days: before the last film."""
    when = LAST_FILM - datetime.timedelta(days=days, minutes=37 * number)
    sop = uid("interval", "demo", PATIENT["PatientID"], number, "instance")
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = DX_PRESENTATION, sop
    meta.TransferSyntaxUID, meta.ImplementationClassUID = ExplicitVRLittleEndian, uid("interval", "demo", "implementation")
    d = FileDataset(path, {}, file_meta=meta, preamble=b"\0" * 128)
    d.is_little_endian, d.is_implicit_VR = True, False
    d.SpecificCharacterSet = "ISO_IR 192"
    d.ImageType = ["DERIVED", "PRIMARY"]
    d.SOPClassUID, d.SOPInstanceUID = DX_PRESENTATION, sop
    d.StudyInstanceUID = uid("interval", "demo", PATIENT["PatientID"], number, "study")
    d.SeriesInstanceUID = uid("interval", "demo", PATIENT["PatientID"], number, "series")
    for key, value in PATIENT.items():
        setattr(d, key, value)
    d.StudyDate = d.SeriesDate = d.AcquisitionDate = d.ContentDate = when.strftime("%Y%m%d")
    d.StudyTime = d.SeriesTime = d.AcquisitionTime = d.ContentTime = when.strftime("%H%M%S")
    d.AccessionNumber, d.StudyID, d.SeriesNumber, d.InstanceNumber = f"DEMO{number + 1}", str(number + 1), 1, 1
    d.ReferringPhysicianName = ""
    d.Modality, d.PresentationIntentType = "DX", "FOR PRESENTATION"
    d.Manufacturer, d.ManufacturerModelName, d.InstitutionName = "Interval", "Simulated thorax", "Simulated, no patient"
    d.StudyDescription, d.SeriesDescription = "Chest (simulated)", f"Chest {view.view} (simulated)"
    d.ImageComments = "SIMULATED: computed from a parametric thorax, no patient"
    d.BodyPartExamined, d.ViewPosition, d.ImageLaterality = "CHEST", view.view, "U"
    d.AnatomicRegionSequence = Sequence([code("51185008", "SCT", "Chest")])
    d.PatientOrientation = ["L", "F"]
    d.DistanceSourceToDetector = f"{view.distance:g}"
    d.ImagerPixelSpacing = [f"{view.spacing:.6g}"] * 2
    d.DetectorType, d.PositionerType, d.KVP = "DIRECT", "COLUMN", "125"
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.Rows, d.Columns = stored.shape
    d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = 16, 12, 11, 0
    d.PixelIntensityRelationship, d.PixelIntensityRelationshipSign = "LOG", 1
    d.RescaleIntercept, d.RescaleSlope, d.RescaleType = "0", "1", "US"
    d.PresentationLUTShape, d.LossyImageCompression, d.BurnedInAnnotation = "IDENTITY", "00", "YES"
    d.WindowCenter, d.WindowWidth, d.VOILUTFunction = "2048", "3400", "LINEAR"
    d.PixelData = np.ascontiguousarray(stored, "<u2").tobytes()
    d.save_as(path, write_like_original=False)
    # Lossless JPEG-LS halves the file where dcmtk is at hand; the stored values stay the same.
    if shutil.which("dcmcjpls"):
        subprocess.run(["dcmcjpls", "+un", path, path], check=True)
