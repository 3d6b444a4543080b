"""The simulated thorax: parametric bones, lungs, heart and vessels of one patient.

Millimetres. x points to the patient's left, y from the back to the front, z up; the origin lies in the middle
of the chest. Dimensions are those of an adult (rib cage about 28 cm wide, 21 cm deep), varied by seed, sex and habitus.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
from dataclasses import dataclass, field

import numpy as np

# Linear attenuation at about 70 keV, per mm (NIST XCOM, rounded).
MU_SOFT, MU_FAT, MU_LUNG, MU_CORTICAL, MU_MARROW, MU_BLOOD = 0.0194, 0.0177, 0.0050, 0.0480, 0.0240, 0.0198

APEX, BASE = 148.0, -190.0        # z of the top of the lungs and of the bottom of the modelled body


@dataclass
class Patient:
    """What stays the same over a patient's films."""
    seed: int
    sex: str = "M"
    habitus: float = 1.0            # thickness of soft tissue, 1 = average
    half_width: float = 134.0       # of the rib cage, inside
    half_depth: float = 96.0
    heart: float = 1.0              # scale of the heart
    ribs: list = field(default_factory=list)
    vessels: list = field(default_factory=list)

    @classmethod
    def make(cls, seed, sex="M"):
        rng = np.random.default_rng(seed)
        small = 0.93 if sex == "F" else 1.0
        p = cls(seed, sex, rng.uniform(0.8, 1.25), 134 * small * rng.uniform(0.96, 1.04),
                96 * small * rng.uniform(0.95, 1.06), small * rng.uniform(0.94, 1.05))
        p.ribs = [rib(p, k, side, rng) for k in range(1, 13) for side in (-1, 1)]
        p.vessels = vessel_trees(p, rng)
        return p


def cage(p, z):
    """Half width and half depth of the inside of the rib cage at height z."""
    t = np.clip((z + 55.0) / (APEX + 55.0), 0, 1)
    top = np.power(np.clip(1 - np.power(t, 2.9), 0, 1), 0.60)
    low = np.clip((-55.0 - z) / 150.0, 0, 1.3)
    return p.half_width * top * (1 + 0.06 * low), p.half_depth * np.power(np.clip(top, 0, 1), 0.85) * (1 + 0.04 * low)


def rib(p, k, side, rng):
    """Centre line [n, 3] and radius [n] of rib k: backwards from the spine, round the cage, down to the front."""
    reach = np.radians((118, 138, 150, 154, 156, 156, 154, 146, 134, 122, 96, 62)[k - 1])
    drop = (34, 52, 66, 76, 84, 90, 94, 96, 92, 84, 60, 36)[k - 1] * rng.uniform(0.96, 1.04)
    start = 152.0 - 23.0 * k + rng.uniform(-1, 1)
    phi = np.linspace(np.radians(7), reach, 320)
    f = phi / np.pi
    z = start + 7.0 * np.sin(np.pi * np.clip(f * 2.6, 0, 1)) - drop * np.power(f, 1.25) * 1.25
    a, b = cage(p, np.minimum(z, 138.0))
    a, b = np.maximum(a, 50.0) + 3.5, np.maximum(b, 52.0) + 3.5
    # A superellipse: rounder at the sides than an ellipse, flat at the back.
    c, s = np.cos(phi), np.sin(phi)
    r = np.power(np.power(np.abs(s), 2.5) + np.power(np.abs(c), 2.5), -1 / 2.5)
    line = np.stack([side * a * r * s, -b * r * c, z], 1)
    radius = (5.0 if 2 < k < 11 else 4.2) * (1 + 0.12 * np.sin(phi) - 0.10 * f) * (0.92 if p.sex == "F" else 1.0)
    return line, radius


def tube(points, radii, step=1.2):
    """A smooth tube through control points: centre line [n, 3], radius [n]."""
    points, radii = np.asarray(points, float), np.asarray(radii, float)
    knots = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    t = np.linspace(0, knots[-1], max(8, int(knots[-1] / step)))
    from scipy.interpolate import CubicSpline
    return CubicSpline(knots, points)(t), np.interp(t, knots, radii)


def clavicles(p):
    w = p.half_width / 134.0
    for s in (-1, 1):
        yield tube([(s * 13, 66, 98), (s * 42 * w, 72, 105), (s * 86 * w, 48, 120), (s * 126 * w, 22, 131), (s * 156 * w, 8, 132)],
                   [9.5, 6.6, 5.8, 6.2, 7.5])


def scapulae(p):
    """Borders and spine of the shoulder blades, and the humeral heads' necks."""
    w = p.half_width / 134.0
    for s in (-1, 1):
        yield tube([(s * 118 * w, -78, 128), (s * 127 * w, -84, 70), (s * 140 * w, -78, 6)], [3.2, 2.8, 4.0])
        yield tube([(s * 140 * w, -78, 6), (s * 156 * w, -60, 70), (s * 166 * w, -40, 122)], [4.0, 4.6, 6.0])
        yield tube([(s * 120 * w, -80, 118), (s * 145 * w, -74, 134), (s * 176 * w, -38, 152)], [3.0, 4.2, 6.2])
        yield tube([(s * 184 * w, -30, 128), (s * 200 * w, -28, 80), (s * 207 * w, -26, 20)], [21, 12.5, 11.5])


def vertebrae(p):
    """Centres (y, z) and half height of the vertebral bodies, T1 downwards."""
    return [(-p.half_depth + 26 - 8 * np.sin((z + 60) / 90), z, 9.6) for z in np.arange(150, -195, -23.0)]


def vessel_trees(p, rng):
    """Pulmonary vessels: branching tubes from both hila; list of (line, radius)."""
    out = []

    def grow(start, direction, radius, length, depth):
        n = max(4, int(length / 6))
        points, at, d = [start], start, direction
        for _ in range(n):
            d = d + rng.normal(0, 0.13, 3)
            d = d / np.linalg.norm(d)
            at = at + d * length / n
            points.append(at)
        out.append(tube(points, np.linspace(radius, radius * 0.82, len(points)), 0.8 if radius < 1.2 else 1.2))
        if depth == 0 or radius < 0.42 or not near_lung(p, at):
            return
        for sign in (-1, 1):
            axis = np.cross(d, rng.normal(0, 1, 3))
            axis /= np.linalg.norm(axis)
            turn = sign * rng.uniform(0.30, 0.78)
            turned = d * np.cos(turn) + np.cross(axis, d) * np.sin(turn)
            grow(at, turned, radius * rng.uniform(0.70, 0.80), length * rng.uniform(0.70, 0.98), depth - 1)

    for s in (-1, 1):
        hilum = np.array([s * 34.0, -4.0, 20.0 if s > 0 else 12.0])
        for direction, radius in (((s * .55, .2, 1.0), 4.2), ((s * .8, -.3, .75), 3.7), ((s * 1.0, .3, .25), 4.0),
                                  ((s * .9, -.35, -.1), 3.8), ((s * .75, .25, -.6), 4.6), ((s * .7, -.55, -.75), 5.6),
                                  ((s * .95, 0, -.65), 5.0)):
            d = np.array(direction) + rng.normal(0, 0.08, 3)
            grow(hilum + rng.normal(0, 3, 3), d / np.linalg.norm(d), radius, rng.uniform(30, 42), 7)
    return out


def near_lung(p, point):
    x, y, z = point
    a, b = cage(p, np.array(z))
    return (x / max(a - 5, 1)) ** 2 + (y / max(b - 5, 1)) ** 2 < 1 and abs(x) > 18 and diaphragm(p, np.array(x), np.array(y), 0.0) + 10 < z < APEX - 6


def great_vessels(p):
    """Aorta, pulmonary arteries, venae cavae as blood-filled tubes."""
    h = p.heart
    yield tube([(-8, 18, 10), (-14, 24, 45), (-6, 18, 74), (16, -6, 84), (27, -34, 70), (27, -46, 20), (20, -52, -60), (8, -54, -140)],
               [15 * h, 15 * h, 14 * h, 13.5 * h, 13.5 * h, 12.5 * h, 11.5 * h, 10.5 * h])
    yield tube([(10, 22, 18), (18, 12, 40), (30, -6, 40), (40, -12, 26)], [14 * h, 13 * h, 11 * h, 9 * h])
    yield tube([(10, 6, 34), (-18, -2, 30), (-40, -8, 14), (-46, -12, -18)], [11 * h, 10.5 * h, 9 * h, 6 * h])
    yield tube([(42, -12, 28), (50, -18, 2), (56, -22, -24)], [9 * h, 7.5 * h, 5.5 * h])
    yield tube([(-22, 8, 120), (-24, 8, 70), (-24, 6, 10)], [9 * h, 9.5 * h, 10 * h])


def airways(p):
    """Trachea and main bronchi, filled with air."""
    yield tube([(0, -6, 190), (0, -10, 130), (-2, -14, 70), (-2, -16, 52)], [9, 9, 8.5, 8.5])
    yield tube([(-2, -16, 52), (-16, -16, 34), (-32, -15, 18)], [7.5, 7, 6.2])
    yield tube([(-2, -16, 52), (18, -16, 38), (36, -17, 24)], [7, 6.2, 5.4])


def heart_parts(p):
    """Ellipsoids (centre, radii, tilt about y in radians)."""
    h = p.heart
    return [((26, 24, -40), (60 * h, 44 * h, 42 * h), np.radians(-32)),
            ((-16, 18, -34), (36 * h, 36 * h, 44 * h), np.radians(8)),
            ((4, 14, 8), (32 * h, 30 * h, 34 * h), 0.0)]


def diaphragm(p, x, y, inspiration):
    """Height of the domes; inspiration in mm lowers them."""
    right = -62.0 - np.where(x < -62, 0.0105, 0.0042) * np.square(x + 62) - 0.0062 * np.square(y - 18)
    left = -74.0 - np.where(x > 68, 0.0112, 0.0048) * np.square(x - 68) - 0.0064 * np.square(y - 14)
    middle = -70.0 - 0.002 * np.square(y - 30) - np.zeros_like(x)
    blend = 1 / (1 + np.exp(-x / 9.0))
    dome = right * (1 - blend) + left * blend
    near = np.exp(-np.square(x / 34.0))
    return dome * (1 - near) + np.minimum(dome, middle) * near - inspiration
