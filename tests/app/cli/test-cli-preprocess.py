"""interval-cli preprocess against PIL and pydicom: golden pictures, a DICOM film, and errors.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import pydicom
from PIL import Image

CLI = os.environ["INTERVAL_CLI"]
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
GOLDEN = os.path.join(ROOT, "tests", "data", "golden")
SHARED = os.path.join(ROOT, "..", "shared", "golden")
FILM = os.path.join(ROOT, "data", "demo", "study", "current.dcm")
CLIP = ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711])
HALF = ([0.5] * 3, [0.5] * 3)
# F32 rounding of values up to 3, and means that GGUF keeps in F32.
TOLERANCE = 2e-6


class LeftOut(Exception):
    pass


def run(*arguments):
    with tempfile.NamedTemporaryFile(suffix=".f32") as out:
        command = [CLI, "preprocess", *arguments, "--out", out.name, "--json"]
        done = subprocess.run(command, capture_output=True, timeout=60)
        if done.returncode != 0:
            return done.returncode, done.stderr.decode(), None
        info = json.loads(done.stdout)
        return 0, info, np.fromfile(out.name, "<f4").reshape(info["shape"])


def expect(pixels, mean, std):
    pixels = np.asarray(pixels, float)
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, None], len(mean), 2)
    return ((pixels / 255 - mean) / std).transpose(2, 0, 1)


def same(values, expected):
    assert values.shape == expected.shape, f"{values.shape}, not {expected.shape}"
    worst = np.abs(values - expected).max()
    assert worst < TOLERANCE, f"off by {worst}"


def mmproj(name):
    folder = os.path.join(GOLDEN, "vision", name)
    files = [f for f in os.listdir(folder) if f.startswith("mmproj")] if os.path.isdir(folder) else []
    if not files:
        raise LeftOut(f"{name} is not in tests/data")
    return folder, os.path.join(folder, files[0])


def pictures_in_colour():
    for name, norm in (("gemma3", HALF), ("qwen2.5vl", CLIP), ("qwen3vl", HALF), ("llava", CLIP)):
        try:
            folder, file = mmproj(name)
        except LeftOut:
            continue
        picture = os.path.join(folder, "colour.png")
        code, info, values = run("--model", "unused", "--mmproj", file, "--image", picture)
        assert code == 0, info
        same(values, expect(Image.open(picture), *norm))


def directory_resizes_as_its_file_says():
    picture = os.path.join(GOLDEN, "preprocess", "colour.png")
    code, info, values = run("--model", os.path.join(GOLDEN, "hf", "qwen2.5-vl"), "--image", picture)
    assert code == 0, info
    truth = os.path.join(GOLDEN, "preprocess", "qwen2.5vl_colour.expected.png")
    same(values, expect(Image.open(truth), *CLIP))


def film_in_its_window():
    """Modality rescale, linear window, polarity; then PIL's bilinear squash."""
    _, file = mmproj("gemma3")
    code, info, values = run("--model", "unused", "--mmproj", file, "--image", FILM)
    assert code == 0, info
    film = pydicom.dcmread(FILM)
    with tempfile.NamedTemporaryFile(suffix=".raw") as raw:
        subprocess.run([CLI, "decode", FILM, "--raw", raw.name], check=True, stdout=subprocess.DEVNULL)
        kind = "<u2" if film.BitsAllocated == 16 else "u1"
        stored = np.fromfile(raw.name, kind).reshape(film.Rows, film.Columns).astype(float)
    stored = stored * float(film.get("RescaleSlope", 1)) + float(film.get("RescaleIntercept", 0))
    center, width = (float(np.ravel(film[k].value)[0]) for k in ("WindowCenter", "WindowWidth"))
    shown = np.clip((stored - (center - 0.5)) / (width - 1) + 0.5, 0, 1)
    if film.PhotometricInterpretation == "MONOCHROME1":
        shown = 1 - shown
    picture = Image.fromarray(np.rint(255 * shown).astype(np.uint8)).resize((112, 112), Image.BILINEAR)
    same(values, expect(picture, *HALF))
    assert info["tones"] == "window" and info["window"] == [center, width], info
    assert info["shown"] == [0, 0, film.Columns, film.Rows], info
    assert info["area"] == [0, 0, film.Columns, film.Rows], info


def border_is_cropped():
    _, file = mmproj("gemma3")
    tones = np.tile(np.arange(60, 210, dtype=np.uint8), (200, 2))
    with tempfile.NamedTemporaryFile(suffix=".png") as png:
        Image.fromarray(np.pad(tones, ((0, 0), (100, 0)))).save(png.name)
        code, info, values = run("--model", "unused", "--mmproj", file, "--image", png.name, "--crop")
    assert code == 0, info
    left, top, width, height = info["area"]
    assert 90 <= left <= 100 and top == 0 and left + width == 400 and height == 200, info
    picture = Image.fromarray(np.pad(tones, ((0, 0), (100, 0)))[:, left:]).resize((112, 112), Image.BILINEAR)
    same(values, expect(picture, *HALF))


def jpeg_keeps_its_colour():
    folder, file = mmproj("gemma3")
    with tempfile.NamedTemporaryFile(suffix=".jpg") as jpeg, tempfile.NamedTemporaryFile(suffix=".tif") as tiff:
        picture = Image.open(os.path.join(folder, "colour.png"))
        picture.save(jpeg.name, quality=95, subsampling=0)
        picture.save(tiff.name)
        code, info, values = run("--model", "unused", "--mmproj", file, "--image", tiff.name)
        assert code == 0, info
        same(values, expect(picture, *HALF))
        code, info, values = run("--model", "unused", "--mmproj", file, "--image", jpeg.name)
        assert code == 0, info
        decoded = expect(Image.open(jpeg.name), *HALF)
        # Two builds of libjpeg may round the colour transform differently by a level.
        assert np.abs(values - decoded).max() < 2.1 / 127.5, np.abs(values - decoded).max()


def films_and_checkpoint_beside_the_project():
    checkpoint = os.path.join(SHARED, "vision", "cxr-llava", "checkpoint")
    if not os.path.isdir(checkpoint):
        raise LeftOut("../shared is not there")
    for name in ("film_a", "film_b", "half", "small"):
        picture = os.path.join(SHARED, "preprocess", name + ".png")
        code, info, values = run("--model", checkpoint, "--image", picture)
        assert code == 0, info
        truth = os.path.join(SHARED, "preprocess", f"cxr-llava_{name}.f32")
        same(values, np.fromfile(truth, "<f4").reshape(1, 64, 64))


def errors_name_the_object():
    _, file = mmproj("gemma3")
    text = os.path.join(GOLDEN, "text", "qwen2", "model-f32.gguf")
    picture = os.path.join(GOLDEN, "preprocess", "colour.png")
    for arguments, code, word in (
        (("--model", text, "--image", picture), 1, "projector_type"),
        (("--model", "unused", "--mmproj", file, "--image", "/none.png"), 1, "/none.png"),
        (("--model", "unused", "--mmproj", file, "--image", file), 1, file),
        (("--model", "/none", "--image", picture), 1, "/none"),
        (("--model", text), 2, "--image"),
    ):
        got, message, _ = run(*arguments)
        assert got == code and word in message, f"{arguments}: {got}: {message}"


TESTS = (
    pictures_in_colour,
    directory_resizes_as_its_file_says,
    film_in_its_window,
    border_is_cropped,
    jpeg_keeps_its_colour,
    films_and_checkpoint_beside_the_project,
    errors_name_the_object,
)


def main():
    print(f"1..{len(TESTS)}")
    failed = False
    for number, test in enumerate(TESTS, 1):
        name = test.__name__.replace("_", " ")
        try:
            test()
            print(f"ok {number} - {name}")
        except LeftOut as reason:
            print(f"ok {number} - {name} # SKIP left out: {reason}")
        except AssertionError as complaint:
            failed = True
            print(f"not ok {number} - {name}\n# {complaint}")
    return failed


sys.exit(main())
