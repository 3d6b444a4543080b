"""interval-cli triage: order, cards, kept results, refused files. The model's weights are random.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import pydicom
from PIL import Image

CLI = os.environ["INTERVAL_CLI"]
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
GOLDEN = os.path.join(ROOT, "tests", "data", "golden")
FINDINGS = ["pneumothorax", "tension", "large-effusion", "free-air", "malposition", "new-consolidation"]

work = tempfile.mkdtemp(prefix="interval-test-")
MODEL = os.path.join(work, "model")
CARD = MODEL + ".interval.json"
FILMS = os.path.join(work, "films")
ENVIRONMENT = dict(os.environ, XDG_DATA_HOME=os.path.join(work, "data"),
                   XDG_CONFIG_HOME=os.path.join(work, "config"))


def run(*arguments, code=0):
    done = subprocess.run([CLI, "triage", *arguments], capture_output=True, text=True, timeout=300, env=ENVIRONMENT)
    assert done.returncode == code, f"{arguments}: {done.returncode}: {done.stderr}"
    return done.stdout if code == 0 else done.stderr


def triage(*arguments):
    report = json.loads(run(FILMS, "--model", MODEL, "--json", *arguments))
    assert "promises nothing" in report["note"], report["note"]
    return report


def write_card(**triage):
    with open(CARD, "w") as f:
        json.dump({"triage": triage}, f)


def set_up():
    """A patient with two films, a picture in a folder of its own, and what is no film."""
    shutil.copytree(os.path.join(GOLDEN, "hf", "qwen2.5-vl"), MODEL)
    os.makedirs(os.path.join(FILMS, "picture"))
    slope = np.tile(np.arange(20, 220, 2, dtype=np.uint8), (100, 1))
    Image.fromarray(slope).save(os.path.join(FILMS, "picture", "film.png"))
    for name, date in (("prior", "20240101"), ("current", "20240201")):
        source = os.path.join(ROOT, "data", "demo", "study", name + ".dcm")
        film, raw = pydicom.dcmread(source), os.path.join(work, "film.raw")
        subprocess.run([CLI, "decode", source, "--raw", raw], check=True, stdout=subprocess.DEVNULL)
        stored = np.fromfile(raw, "<u2" if film.BitsAllocated == 16 else "u1").reshape(film.Rows, film.Columns)
        small = np.ascontiguousarray(stored[::8, ::8])
        film.Rows, film.Columns = small.shape
        film.PixelData = small.tobytes()
        film["PixelData"].is_undefined_length = False
        film.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        film.StudyDate = film.AcquisitionDate = date
        film.save_as(os.path.join(FILMS, name + ".dcm"))
    with open(os.path.join(FILMS, "prior.dcm"), "rb") as f, open(os.path.join(FILMS, "cut.dcm"), "wb") as g:
        g.write(f.read()[:700])


def without_a_card():
    report = triage("--no-store")
    assert not report["calibrated"]
    assert [os.path.basename(s["file"]) for s in report["studies"]].count("current.dcm") == 1
    assert len(report["studies"]) == 3, report["studies"]
    assert len(report["refusals"]) == 1 and "cut.dcm" in report["refusals"][0], report["refusals"]
    for study in report["studies"]:
        result = study["triage"]
        assert [f["finding"] for f in result["findings"]] == FINDINGS
        assert result["temperature"] == 1 and not study["flagged"] and not study["kept"], study
        for finding in result["findings"]:
            # Random weights: yes and no are as improbable as all else.
            assert finding["status"] in ("no-answer", "no-prior"), finding
            assert finding["score"] is None and finding["mass"] < 0.5, finding
        last = result["findings"][5]
        assert (last["status"] == "no-prior") == (study["prior"]["file"] is None), study


def most_urgent_first():
    write_card(least_mass=0, temperature=1.5, thresholds={f: 0.5 for f in FINDINGS})
    report = triage()
    urgencies = [s["urgency"] for s in report["studies"]]
    assert urgencies == sorted(urgencies, reverse=True), urgencies
    for study in report["studies"]:
        flags = [i for i, f in enumerate(study["triage"]["findings"]) if f["flag"]]
        scores = [f["score"] for f in study["triage"]["findings"] if f["score"] is not None]
        expected = 32 - flags[0] + scores[flags[0]] if flags else max(scores)
        assert abs(study["urgency"] - expected) < 1e-12 and study["flagged"] == bool(flags), study


def kept_results_hold():
    before = triage()
    assert all(s["kept"] for s in before["studies"]), before
    again = triage()
    assert again == before
    # The text without JSON says the same of the model and of what a missing flag means.
    text = run(FILMS, "--model", MODEL)
    assert "uncalibrated" in text and "promises nothing" in text and "not read: " in text, text


def changes_invalidate():
    scores = [f["score"] for s in triage()["studies"] for f in s["triage"]["findings"]]
    write_card(least_mass=0, temperature=3, calibration={"date": "2026-03-01", "set": "made"})
    report = triage()
    assert report["calibrated"] and not any(s["kept"] for s in report["studies"]), report
    cooler = [f["score"] for s in report["studies"] for f in s["triage"]["findings"]]
    assert sorted(map(str, scores)) != sorted(map(str, cooler))
    # Only the film that changed is computed again: a picture has no prior and is none.
    picture = os.path.join(FILMS, "picture", "film.png")
    Image.fromarray(np.asarray(Image.open(picture))[:, ::-1].copy()).save(picture)
    kept = {os.path.basename(s["file"]): s["kept"] for s in triage()["studies"]}
    assert kept == {"film.png": False, "current.dcm": True, "prior.dcm": True}, kept


def other_cards_and_models_are_refused():
    with open(CARD, "w") as f:
        json.dump({"model": "0" * 64}, f)
    assert "model.interval.json: is the card of another model" in run(FILMS, "--model", MODEL, code=1)
    with open(CARD, "w") as f:
        f.write("[" * 5000)
    assert "model.interval.json: " in run(FILMS, "--model", MODEL, code=1)
    os.unlink(CARD)
    text = os.path.join(GOLDEN, "text", "qwen2", "model-f32.gguf")
    assert "mmproj" in run(FILMS, "--model", text, code=1)
    assert "/nonexistent" in run("/nonexistent", "--model", MODEL, code=1)
    assert "--model" in run(FILMS, code=2)
    assert "PATH" in run("--model", MODEL, code=2)


TESTS = (
    without_a_card,
    most_urgent_first,
    kept_results_hold,
    changes_invalidate,
    other_cards_and_models_are_refused,
)


def main():
    print(f"1..{len(TESTS)}")
    failed = False
    set_up()
    for number, test in enumerate(TESTS, 1):
        name = test.__name__.replace("_", " ")
        try:
            test()
            print(f"ok {number} - {name}")
        except AssertionError as complaint:
            failed = True
            print(f"not ok {number} - {name}\n# {complaint}")
    shutil.rmtree(work)
    return failed


sys.exit(main())
