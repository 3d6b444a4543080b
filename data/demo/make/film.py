"""From path integrals to a film: scatter, quantum noise, detector, and the maker's grey processing.

Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import numpy as np
from scipy import ndimage as nd


def expose(paths, spacing, seed, quanta=50000.0, scatter=0.35):
    """Path integrals -> detector signal, relative to the unattenuated beam; quanta per pixel behind air."""
    rng = np.random.default_rng(seed)
    primary = np.exp(-paths)
    # Scatter of a body behind an antiscatter grid: a broad, smooth share of the primary.
    broad = nd.gaussian_filter(primary, 28.0 / spacing, mode="nearest")
    signal = primary + scatter * broad
    mean = signal * quanta
    noisy = mean + rng.normal(0, 1, mean.shape) * np.sqrt(mean)
    # The detector's blur (MTF 50 % at about 1.5 line pairs a mm) also correlates the noise.
    noisy = nd.gaussian_filter(noisy, 0.17 / spacing * 1.2) + rng.normal(0, 2.0, mean.shape)
    return np.maximum(noisy, 1.0) / quanta


def develop(signal, spacing, contrast=1.0, detail=0.55, bits=12):
    """Signal -> stored values, dense = bright: logarithm, dynamic range compression, edge enhancement, window."""
    grey = -np.log(signal)
    base = nd.gaussian_filter(grey, 16.0 / spacing, mode="nearest")
    fine = grey - nd.gaussian_filter(grey, 2.2 / spacing, mode="nearest")
    grey = base * 0.56 + (grey - base) * (0.95 + 0.25 * contrast) + fine * detail
    n = grey.shape[0]
    middle = grey[n // 8:-n // 8, n // 8:-n // 8]
    low, high = np.percentile(middle, 1.0), np.percentile(middle, 98.5)
    t = (grey - low) / (high - low)
    # An S-shaped curve as films had it.
    t = 1 / (1 + np.exp(-4.2 * contrast * (t - 0.5)))
    lo, hi = 1 / (1 + np.exp(2.1 * contrast)), 1 / (1 + np.exp(-2.1 * contrast))
    top = (1 << bits) - 1
    return np.clip(np.rint(((t - lo) / (hi - lo) * 0.66 + 0.16) * top), 0, top).astype(np.uint16)


def marker(image, text, x, y, height, value):
    """A lead letter beside the patient."""
    from PIL import Image, ImageDraw, ImageFont
    mask = Image.new("L", (height * 2, height * 2))
    try:
        font = ImageFont.truetype("DejaVuSans-Bold.ttf", height)
    except OSError:
        font = ImageFont.load_default()
    ImageDraw.Draw(mask).text((height // 2, height // 4), text, fill=255, font=font)
    m = np.asarray(mask, np.float32) / 255
    h, w = m.shape
    part = image[y:y + h, x:x + w]
    part[:] = (part * (1 - m) + value * m).astype(image.dtype)
