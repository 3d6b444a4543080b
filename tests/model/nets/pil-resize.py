"""Resizes with PIL what test-image-resample asks for: the truth of the 8-bit comparison.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import struct
import sys

from PIL import Image

# Each case: six 32-bit numbers (width, height, channels, new width, new height, resample), pixels.
HEAD = struct.Struct("<6I")


def main(cases, results):
    with open(cases, "rb") as source, open(results, "wb") as target:
        while head := source.read(HEAD.size):
            width, height, channels, new_width, new_height, resample = HEAD.unpack(head)
            mode = "L" if channels == 1 else "RGB"
            image = Image.frombytes(mode, (width, height), source.read(width * height * channels))
            target.write(image.resize((new_width, new_height), resample).tobytes())
            if channels == 3:
                target.write(image.convert("L").tobytes())


main(*sys.argv[1:])
