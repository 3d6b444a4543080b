#!/usr/bin/env python3
"""Trains the lung-field network of app/compare and writes its weights as lung-net.bin.

Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later

  train-lungs.py FILMS.json RADIOGRAPHS --out lung-net.bin            all films
  train-lungs.py FILMS.json RADIOGRAPHS --fold 0 --masks DIR          every fourth patient held out;
                                                                      their masks are written for scoring

FILMS.json is the film table of the change measurements: file, patient, lung outlines. Human outlines
count fully, automatic ones for a third. Needs python3-numpy, python3-scipy, python3-pil, python3-torch.
"""
import argparse
import json
import struct
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw

SIDE = 128                         # the canvas of the network
BIG = 192                          # films are kept at this size and cut at random from there
SIGMA = 12.0                       # of the local normalisation
WIDTHS = (8, 16, 24, 32, 48)       # channels of the five levels
MAGIC = b"IVLUNG1\0"


def canvas(a, side):
    """Letterboxes a float image on a square; also the mask of real film."""
    h, w = a.shape
    k = side / max(h, w)
    nh, nw = max(1, round(h * k)), max(1, round(w * k))
    b = np.array(Image.fromarray(a.astype(np.float32), "F").resize((nw, nh), Image.BOX if k < 1 else Image.BILINEAR))
    out, v = np.zeros((2, side, side), np.float32)
    y, x = (side - nh) // 2, (side - nw) // 2
    out[y:y + nh, x:x + nw], v[y:y + nh, x:x + nw] = b, 1
    return out, v, (x, y, nw, nh)


def density(a):
    lo, hi = np.percentile(a, [0.1, 99.9])
    return np.clip((a - lo) / max(1e-6, hi - lo), -0.5, 1.5)


def raster(poly, w, h):
    im = Image.new("1", (w, h))
    ImageDraw.Draw(im).polygon([(float(x), float(y)) for x, y in poly], fill=1, outline=1)
    return np.array(im, np.float32)


def load(films, folder):
    rows = []
    for f in films:
        human = f["outline"] if f["outline_source"] == "human" else f.get("human_outline")
        if not human and (f.get("exclude") or not f["outline"]):
            continue
        a = density(np.array(Image.open(f"{folder}/{f['file']}").convert("L"), np.float32) / 255)
        h, w = a.shape
        d, v, _ = canvas(a, BIG)
        m = [canvas(raster(p, w, h), BIG)[0] for p in human or f["outline"]]
        win = np.ones((h, w), np.float32)
        if human and f.get("window") and f["outline_source"] != "human":
            x0, y0, x1, y1 = (int(round(t)) for t in f["window"])
            win[:] = 0
            win[y0:y1 + 1, x0:x1 + 1] = 1
        k = canvas(win, BIG)[0] * (1.0 if human else 0.33)
        rows.append((f["file"], f["patient"], bool(human), np.stack([d, v, *m, k])))
    return rows


def blur(x, sigma):
    r = int(np.ceil(3 * sigma))
    g = torch.exp(-0.5 * (torch.arange(-r, r + 1) / sigma) ** 2)
    g = (g / g.sum())[None, None]
    n, c, h, w = x.shape
    x = F.conv2d(x.reshape(n * c, 1, h, w), g[:, :, None], padding=(0, r))
    x = F.conv2d(x, g[..., None], padding=(r, 0))
    return x.reshape(n, c, h, w)


def inputs(d, v):
    """The two channels: density as -1 .. 1 and locally normalised; zero outside the film."""
    s = blur(torch.cat([v, d * v, d * d * v], 1), SIGMA)
    n = s[:, :1] + 1e-4
    m = s[:, 1:2] / n
    sd = torch.sqrt((s[:, 2:] / n - m * m).clamp(min=0)) + 0.05
    return torch.cat([(d.clamp(-0.2, 1.2) * 2 - 1) * v, ((d - m) / sd).clamp(-3, 3) * v], 1)


class LungNet(torch.nn.Module):
    """U-Net: two 3x3 convolutions a level; average pooling down, bilinear up, skip by concatenation."""

    def __init__(self):
        super().__init__()
        conv = lambda i, o: torch.nn.Conv2d(i, o, 3, padding=1)
        W = WIDTHS
        self.down = torch.nn.ModuleList([torch.nn.ModuleList([conv(i, o), conv(o, o)]) for i, o in zip((2,) + W[:-1], W)])
        self.up = torch.nn.ModuleList([torch.nn.ModuleList([conv(W[k + 1] + W[k], W[k]), conv(W[k], W[k])]) for k in reversed(range(4))])
        self.head = torch.nn.Conv2d(W[0], 2, 1)
        for m in self.modules():
            if isinstance(m, torch.nn.Conv2d):
                torch.nn.init.kaiming_normal_(m.weight, 0.1)
                torch.nn.init.zeros_(m.bias)

    def forward(self, x):
        act = lambda t: F.leaky_relu(t, 0.1)
        keep = []
        for k, (a, b) in enumerate(self.down):
            x = act(b(act(a(x if k == 0 else F.avg_pool2d(x, 2)))))
            keep.append(x)
        for k, (a, b) in enumerate(self.up):
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = act(b(act(a(torch.cat([x, keep[3 - k]], 1)))))
        return self.head(x)

    def layers(self):
        return [c for pair in self.down for c in pair] + [c for pair in self.up for c in pair] + [self.head]


def augment(batch, g):
    """batch [n, 5, BIG, BIG] -> density, film mask, lungs [n, 2], weight, at SIDE."""
    n = len(batch)
    u = lambda lo, hi, *s: torch.from_numpy(g.uniform(lo, hi, s or (n,)).astype(np.float32))
    r, z = u(-0.25, 0.25), torch.exp(u(-0.32, 0.32))
    sx, sy = z * torch.exp(u(-.08, .08)), z * torch.exp(u(-.08, .08))
    T = torch.stack([torch.stack([sx * r.cos(), -sy * r.sin(), u(-.2, .2)], 1), torch.stack([sx * r.sin(), sy * r.cos(), u(-.2, .2)], 1)], 1)
    grid = F.affine_grid(T, (n, 1, SIDE, SIDE), align_corners=False)
    bend = F.interpolate(u(-.06, .06, n, 2, 5, 5), (SIDE, SIDE), mode="bicubic", align_corners=False)
    x = F.grid_sample(batch, grid + bend.permute(0, 2, 3, 1), align_corners=False)
    d, v, m, k = x[:, :1], (x[:, 1:2] > .9).float(), x[:, 2:4], x[:, 4:]
    c = lambda t: t[:, None, None, None]
    s = F.interpolate(u(-.25, .25, n, 1, 4, 4), (SIDE, SIDE), mode="bicubic", align_corners=False)
    d = d.clamp(0, 1.3) ** c(torch.exp(u(-.6, .6)))
    d = c(u(.65, 1.3)) * (d + s * c((u(0, 1) < .5).float()) - .5) + c(u(.4, .6))
    sharp = d - blur(d * v, 6)
    d = d + sharp * c(u(-.3, 1.2)) * c((u(0, 1) < .4).float())
    d = d + c(u(0, .05)) * torch.from_numpy(g.standard_normal(d.shape).astype(np.float32))
    for i in range(n):
        if g.random() < .3:        # collimation: a black or white border, also crooked
            side, at, tilt = g.integers(4), g.uniform(.02, .16) * SIDE, g.uniform(-.15, .15)
            yy, xx = np.mgrid[:SIDE, :SIDE]
            p, q = ((xx, yy), (yy, xx), (SIDE - xx, yy), (SIDE - yy, xx))[side]
            d[i, 0][torch.from_numpy(p + tilt * q < at)] = float(g.choice([0., 0., 1.]))
        for _ in range(g.integers(3)):   # side letters, leads
            y, x0, h, w = g.integers(SIDE), g.integers(SIDE), g.integers(2, 14), g.integers(2, 14)
            d[i, 0, y:y + h, x0:x0 + w] = g.uniform(.7, 1.2)
    return d, v, m, k * v


def train(rows, steps, seed, batch=8):
    g = np.random.default_rng(seed)
    torch.manual_seed(seed)
    net = LungNet()
    print("weights", sum(p.numel() for p in net.parameters()), "films", len(rows), flush=True)
    X = torch.from_numpy(np.stack([r[3] for r in rows]))
    prob = np.array([1.5 if r[2] else 1.0 for r in rows])
    opt = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=1e-3)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, 4e-3, steps, pct_start=.1)
    t0, mean = time.time(), 0.0
    for it in range(steps):
        d, v, m, k = augment(X[g.choice(len(X), batch, False, prob / prob.sum())], g)
        z = net(inputs(d, v))
        p = torch.sigmoid(z)
        bce = (F.binary_cross_entropy_with_logits(z, m, reduction="none") * k).mean() * 4
        dice = 1 - (2 * (p * m * k).sum((2, 3)) + 1) / (((p + m) * k).sum((2, 3)) + 1)
        loss = bce + (dice * k.amax((2, 3))).mean()
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        sched.step()
        mean = .98 * mean + .02 * float(loss) if it else float(loss)
        if it % 50 == 0 or it == steps - 1:
            print(f"{it} loss {mean:.4f} {time.time() - t0:.0f} s", flush=True)
    return net.eval()


def predict(net, a):
    """Probability of each lung at the size of the film a (density)."""
    h, w = a.shape
    d, v, (x, y, nw, nh) = canvas(a, SIDE)
    with torch.no_grad():
        p = torch.sigmoid(net(inputs(*(torch.from_numpy(t)[None, None] for t in (d, v)))))[0].numpy()
    return [np.array(Image.fromarray(q[y:y + nh, x:x + nw]).resize((w, h), Image.BILINEAR)) for q in p]


def save(net, path):
    """Magic, number of layers, then for each layer: out, in, kernel (uint32) and float16 weights
    [out][in][kernel][kernel], float16 biases [out]; little-endian."""
    with open(path, "wb") as f:
        f.write(MAGIC + struct.pack("<I", len(net.layers())))
        for c in net.layers():
            o, i, k, _ = c.weight.shape
            f.write(struct.pack("<III", o, i, k))
            f.write(c.weight.detach().numpy().astype("<f2").tobytes() + c.bias.detach().numpy().astype("<f2").tobytes())


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("films")
    ap.add_argument("radiographs")
    ap.add_argument("--out")
    ap.add_argument("--fold", type=int, help="0..3: hold out every fourth patient")
    ap.add_argument("--masks", help="folder for the masks of the held-out films")
    ap.add_argument("--steps", type=int, default=2500)
    ap.add_argument("--seed", type=int, default=1)
    o = ap.parse_args()
    with open(o.films) as f:
        films = json.load(f)
    rows = load(films, o.radiographs)
    patients = sorted({r[1] for r in rows})
    held = set(patients[o.fold::4]) if o.fold is not None else set()
    net = train([r for r in rows if r[1] not in held], o.steps, o.seed)
    if o.out:
        save(net, o.out)
    if o.masks:
        for f in films:
            if f["patient"] in held:
                a = density(np.array(Image.open(f"{o.radiographs}/{f['file']}").convert("L"), np.float32) / 255)
                p = predict(net, a)
                Image.fromarray(((np.maximum(*p) > .5) * 255).astype(np.uint8)).save(f"{o.masks}/{f['file']}")


if __name__ == "__main__":
    main()
