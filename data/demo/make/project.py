"""Cone-beam projection of the thorax: path integrals of attenuation on the detector.

Soft parts are sampled along the rays (1 mm on the detector, 2.5 mm in depth); tubes and bones are summed as spheres along
their centre line, whose chord lengths add up to the tube's thickness from any direction.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
from dataclasses import dataclass

import numpy as np
from scipy import ndimage as nd

import anatomy as an


@dataclass
class View:
    """How one film is taken."""
    view: str = "PA"
    pixels: int = 1024
    spacing: float = 0.37           # mm at the detector
    distance: float = 1830.0        # source to detector, mm
    inspiration: float = 0.0        # mm the domes go down
    rotation: float = 0.0           # degrees about the body's long axis
    tilt: float = 0.0               # degrees in the plane of the film
    shift: tuple = (0.0, 0.0)       # mm
    centre: float = -4.0           # z of the central ray

    def depth(self, p, y):
        """Distance from the detector of the plane y."""
        near = p.half_depth + 38.0
        return near - y if self.view == "PA" else near + y

    def to_detector(self, p, points):
        """World [n, 3] -> detector mm (u to the image's right, v down) and magnification [n]."""
        c, s = np.cos(np.radians(self.rotation)), np.sin(np.radians(self.rotation))
        x, y, z = points[:, 0], points[:, 1], points[:, 2]
        x, y = c * x - s * y, s * x + c * y
        m = self.distance / (self.distance - self.depth(p, y))
        return self.turn(x * m, -(z - self.centre) * m) + (m,)

    def turn(self, u, v):
        c, s = np.cos(np.radians(self.tilt)), np.sin(np.radians(self.tilt))
        return c * u - s * v + self.shift[0], s * u + c * v + self.shift[1]

    def breathe(self, points):
        """Where breathing takes points of the lung: down with the domes at the base, not at all at the apex."""
        moved = points.copy()
        moved[:, 2] -= self.inspiration * np.clip((70.0 - points[:, 2]) / 140.0, 0, 1)
        return moved

    def rays(self, p, step, depth_step):
        """Yields for each depth the world coordinates of a coarse detector grid and the step's length."""
        n = int(round(self.pixels * self.spacing / step))
        u, v = np.meshgrid((np.arange(n) + 0.5 - n / 2) * step, (np.arange(n) + 0.5 - n / 2) * step)
        c, s = np.cos(np.radians(self.tilt)), np.sin(np.radians(self.tilt))
        u0, v0 = u - self.shift[0], v - self.shift[1]
        u, v = c * u0 + s * v0, -s * u0 + c * v0
        slant = np.sqrt(1 + (u * u + v * v) / self.distance ** 2).astype(np.float32)
        cr, sr = np.cos(np.radians(self.rotation)), np.sin(np.radians(self.rotation))
        for yr in np.arange(-p.half_depth - 34, p.half_depth + 34, depth_step):
            m = self.distance / (self.distance - self.depth(p, yr))
            xr, z = u / m, self.centre - v / m
            yield (cr * xr + sr * yr).astype(np.float32), (-sr * xr + cr * yr).astype(np.float32), z.astype(np.float32), slant * depth_step


def soft(inside, edge=1.5):
    """Signed distance-like value (positive inside, mm) -> coverage 0..1."""
    return np.clip(inside / edge + 0.5, 0, 1)


def ellipsoid(x, y, z, centre, radii, tilt=0.0):
    dx, dy, dz = x - centre[0], y - centre[1], z - centre[2]
    c, s = np.cos(tilt), np.sin(tilt)
    dx, dz = c * dx + s * dz, -s * dx + c * dz
    r = np.sqrt(np.square(dx / radii[0]) + np.square(dy / radii[1]) + np.square(dz / radii[2]))
    return (1 - r) * min(radii)


def lung_inside(p, x, y, z, inspiration, heart):
    """Distance into the lung, mm, and the side (-1 right, 1 left)."""
    a, b = an.cage(p, z)
    r = np.power(np.power(np.abs(x) / np.maximum(a, 1), 2.5) + np.power(np.abs(y) / np.maximum(b, 1), 2.5), 0.4)
    wall = (1 - r) * np.minimum(a, b)
    above = z - an.diaphragm(p, x, y, inspiration)
    # The mediastinum: wider in front (sternum) and behind (spine) than between.
    medial = np.abs(x) - (5 + (12 + 7 * np.exp(-np.square((z - 18) / 38)) + 6 * np.exp(-np.square((z - 140) / 30)))
                          * np.exp(-np.square((y + 6) / 42)) + 17 * np.exp(-np.square((y + p.half_depth - 26) / 24)))
    outside_heart = -heart
    return np.minimum(np.minimum(wall, above * 0.8), np.minimum(medial, outside_heart)), wall, above


def body_inside(p, x, y, z):
    """Distance into the body: trunk, sloping shoulders, neck."""
    a = an.cage(p, np.minimum(z, -20.0))[0]
    fat = 20.0 * p.habitus
    high = 1 / (1 + np.exp(-(z - 70) / 16.0))
    w = (a + fat) + 95.0 * high
    d = np.maximum(an.cage(p, z)[1], 50.0) + fat * 0.9
    r = np.power(np.power(np.abs(x) / w, 2.6) + np.power(np.abs(y) / d, 2.6), 1 / 2.6)
    trunk = (1 - r) * np.minimum(w, d)
    shoulder = (212.0 - 0.58 * np.abs(x) - 0.004 * np.square(y) - z) * 0.8
    neck = (1 - np.sqrt(np.square(x / 64.0) + np.square((y + 10) / 62.0))) * 60.0
    return np.maximum(np.minimum(trunk, shoulder), np.where(z > 90, neck, -99.0))


def soft_parts(p, view, findings):
    """Path integral [n, n] of everything sampled along the rays, on the 1 mm grid."""
    total = None
    for x, y, z, ds in view.rays(p, 1.0, 2.5):
        heart = np.max([ellipsoid(x, y, z + 0.6 * view.inspiration, *e) for e in an.heart_parts(p)], axis=0)
        heart = np.minimum(heart, z - an.diaphragm(p, x, y, view.inspiration) + 14)
        lung, wall, above = lung_inside(p, x, y, z, view.inspiration, heart)
        in_lung, in_body = soft(lung, 2.0), soft(body_inside(p, x, y, z), 3.0)
        if p.sex == "F":
            breast = np.maximum(ellipsoid(x, y, z, (-74, p.half_depth + 14, -42), (58, 34, 52)),
                                ellipsoid(x, y, z, (74, p.half_depth + 14, -42), (58, 34, 52)))
            in_body = np.maximum(in_body, soft(breast, 3.0))
        subcutaneous = soft(8.0 * p.habitus - body_inside(p, x, y, z), 4.0)
        tissue = an.MU_SOFT * (1 - subcutaneous) + an.MU_FAT * subcutaneous
        # Blood settles: lung is denser at the base and behind than at the apex.
        lung_mu = an.MU_LUNG * (1.0 - 0.10 * np.clip(z / 120, -1, 1))
        for finding in findings:
            lung_mu = finding.lung_attenuation(p, x, y, z, wall, above, lung_mu)
        gas = soft(ellipsoid(x, y, z, (66, 20, -99 - view.inspiration), (21, 26, 13)), 2.0) * soft(-above - 5, 2.0)
        mu = in_body * (tissue * (1 - in_lung) * (1 - 0.8 * gas) + lung_mu * in_lung)
        total = mu * ds if total is None else total + mu * ds
    return total


def add_ball(image, spacing, at, radius, mu):
    """Adds the chords of one ball: at and radius in detector mm, mu in 1/mm of world thickness."""
    n = image.shape[0]
    r = max(radius, 0.55 * spacing)
    cx, cy, h = at[0] / spacing + n / 2 - 0.5, at[1] / spacing + n / 2 - 0.5, r / spacing
    x0, y0 = max(int(np.floor(cx - h)), 0), max(int(np.floor(cy - h)), 0)
    x1, y1 = min(int(np.ceil(cx + h)) + 1, n), min(int(np.ceil(cy + h)) + 1, n)
    if x0 >= x1 or y0 >= y1:
        return
    d2 = np.square((np.arange(x0, x1) - cx) * spacing)[None, :] + np.square((np.arange(y0, y1) - cy) * spacing)[:, None]
    image[y0:y1, x0:x1] += 2 * mu * (radius / r) ** 2 * np.sqrt(np.maximum(r * r - d2, 0))


def add_tube(image, view, p, tube, mu, scale=1.0):
    """Adds a tube (centre line, radius * scale): balls one step apart, whose volume together is the tube's."""
    line, radius = tube
    u, v, m = view.to_detector(p, line)
    length = np.linalg.norm(np.gradient(line, axis=0), axis=1)
    for k in range(len(line)):
        r = radius[k] * scale
        add_ball(image, view.spacing, (u[k], v[k]), r * m[k], mu * 0.75 * length[k] / r / m[k])


def add_bone(image, view, p, tube, cortical, marrow, shell=0.82):
    """A tube of cortical bone, filled with marrow out to shell of its radius."""
    add_tube(image, view, p, tube, cortical)
    add_tube(image, view, p, tube, marrow, shell)


def bones(p, view, image):
    cortical, marrow = an.MU_CORTICAL - an.MU_SOFT, an.MU_MARROW - an.MU_CORTICAL
    for line, radius in p.ribs:
        add_bone(image, view, p, (line, radius), cortical * 0.95, marrow * 0.86)
    for tube in list(an.clavicles(p)) + list(an.scapulae(p)):
        add_bone(image, view, p, tube, cortical * 0.85, marrow * 0.80)
    for y, z, half in an.vertebrae(p):
        for dx in np.linspace(-13, 13, 9):
            body = np.array([(dx, y, z + t) for t in np.linspace(-half + 2.5, half - 2.5, 7)])
            add_tube(image, view, p, (body, np.full(len(body), 5.0)), 0.0075)
        for edge in (-half, half):
            plate = np.array([(dx, y, z + edge) for dx in np.linspace(-15, 15, 26)])
            add_tube(image, view, p, (plate, np.full(26, 1.7)), cortical * 0.9)
        for s in (-1, 1):
            pedicle = np.array([(s * 10 + 3.4 * np.cos(t), y - 20, z + 2 + 4.6 * np.sin(t)) for t in np.linspace(0, 2 * np.pi, 28)])
            add_tube(image, view, p, (pedicle, np.full(28, 1.3)), cortical * 0.8)
            process = np.array([(s * (12 + 18 * t), y - 24, z + 3 + 3 * t) for t in np.linspace(0, 1, 20)])
            add_tube(image, view, p, (process, np.full(20, 3.4)), cortical * 0.35)
        spine = np.array([(0.4, y - 36, z - 6 - 14 * t) for t in np.linspace(0, 1, 14)])
        add_tube(image, view, p, (spine, np.full(14, 2.8)), cortical * 0.5)


def project(p, view, findings=()):
    """Path integral of attenuation [pixels, pixels], before any finding that is not part of the patient."""
    coarse = soft_parts(p, view, findings)
    image = nd.zoom(coarse, view.pixels / coarse.shape[0], order=3, mode="nearest", grid_mode=True).astype(np.float64)
    bones(p, view, image)
    keep = [f for f in findings if hasattr(f, "keeps_vessel")]
    for line, radius in p.vessels:
        tube = (view.breathe(line), radius)
        if all(f.keeps_vessel(p, tube) for f in keep):
            add_tube(image, view, p, tube, (an.MU_BLOOD - an.MU_LUNG) * 0.85)
    for tube in an.great_vessels(p):
        add_tube(image, view, p, tube, (an.MU_BLOOD - an.MU_LUNG) * 0.42)
    for tube in an.airways(p):
        add_tube(image, view, p, tube, -an.MU_SOFT * 0.7)
    for finding in findings:
        finding.draw(p, view, image)
    return image
