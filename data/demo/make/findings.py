"""What can be wrong with the simulated thorax. Each finding changes the attenuation of the lung, draws into the path integral, or both.

Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
from dataclasses import dataclass

import numpy as np

import anatomy as an
from project import add_ball, soft


def side_sign(side):
    return -1.0 if side == "right" else 1.0


class Finding:
    def lung_attenuation(self, p, x, y, z, wall, above, mu):
        return mu

    def draw(self, p, view, image):
        pass


@dataclass
class Nodule(Finding):
    """A solid ball in the lung."""
    centre: tuple                   # x, y, z in mm
    diameter: float                 # mm

    def draw(self, p, view, image):
        u, v, m = view.to_detector(p, view.breathe(np.array([self.centre], float)))
        add_ball(image, view.spacing, (u[0], v[0]), self.diameter / 2 * m[0], (an.MU_SOFT - an.MU_LUNG) / m[0])


@dataclass
class Consolidation(Finding):
    """Air spaces filled with fluid; edges are ragged, vessels inside are lost against it."""
    centre: tuple
    radii: tuple
    fill: float = 0.6               # 0 … 1
    seed: int = 0

    def lung_attenuation(self, p, x, y, z, wall, above, mu):
        rng = np.random.default_rng(self.seed)
        k = rng.normal(0, 1, (10, 3)) / 22.0
        ph = rng.uniform(0, 6.28, 10)
        ragged = sum(np.sin(x * a + y * b + z * c + f) for (a, b, c), f in zip(k, ph)) / 10
        r = np.sqrt(sum(np.square((q - m) / s) for q, m, s in zip((x, y, z), self.centre, self.radii)))
        amount = self.fill * soft((1 - r) + 0.55 * ragged, 0.7)
        return mu + amount * (an.MU_SOFT - mu)


@dataclass
class Effusion(Finding):
    """Fluid in the pleural space of an upright patient: fills the base, with a meniscus along the wall."""
    side: str
    height: float                   # mm above the lowest point of the dome's rim

    def lung_attenuation(self, p, x, y, z, wall, above, mu):
        s = side_sign(self.side)
        level = -132.0 + self.height + 26.0 * np.exp(-np.maximum(wall, 0) / 9.0)
        amount = soft(level - z, 4.0) * (np.sign(x) == s)
        return mu + amount * (an.MU_SOFT - mu)


@dataclass
class Pneumothorax(Finding):
    """Air between lung and chest wall: no markings, a thin pleural line, the lung a little denser."""
    side: str
    apex: float                     # mm of air at the apex
    lateral: float                  # mm at the side

    def gap(self, x, y, z):
        """Depth of the air cap from the chest wall at this height."""
        t = np.clip((z + 60) / (an.APEX + 60), 0, 1)
        return self.lateral * np.clip(t * 2.2, 0, 1) + (self.apex - self.lateral) * np.power(t, 3)

    def lung_attenuation(self, p, x, y, z, wall, above, mu):
        s = side_sign(self.side)
        here = np.sign(x) == s
        gap = self.gap(x, y, z)
        air = soft(gap - wall, 1.2) * here
        line = np.exp(-np.square((wall - gap - 0.6) / 0.9)) * (gap > 2) * here
        lung = mu * np.where(here, 1.12, 1.0)
        return lung * (1 - air) + 0.00002 * air + line * (an.MU_SOFT * 0.8)

    def keeps_vessel(self, p, tube):
        line, _ = tube
        x, y, z = line[-1]
        if np.sign(x) != side_sign(self.side):
            return True
        a, b = an.cage(p, np.array(z))
        wall = (1 - np.power((abs(x) / max(a, 1)) ** 2.5 + (abs(y) / max(b, 1)) ** 2.5, 0.4)) * min(a, b)
        return wall > self.gap(x, y, z) + 1
