"""Fits the weights of the change scores to film pairs with known changes, and cross-validates them by patient.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later

  train-changes.py list  CASES OUT          lines for iv-change-candidates (build target of that name)
  train-changes.py train --eval DIR --pair CASES CANDIDATES [--pair …] --out iv-change-weights.c

CASES is a folder of pairs with truth.json, CANDIDATES one of candidate lists, DIR holds common.py and score.py of the
pair maker. Each kind of candidate gets a logistic regression of its own: all features, then the weakest dropped one by
one until --terms are left. Needs numpy, scipy and PIL.
"""
import argparse
import json
import os
import sys

import numpy as np
from scipy import ndimage as nd

KINDS = ["spot", "patch", "crescent", "base", "border"]
LIMIT, OVERLAP, LEAST, MOST = 4.0, 0.3, 0.02, 10      # as in iv-change-score.c


def list_pairs(cases, out):
    for c in sorted(os.listdir(cases)):
        if os.path.isdir(f"{cases}/{c}"):
            print(f"{cases}/{c}/current.png {cases}/{c}/prior.png {out}/{c}.json")


class Pair:
    """candidates of one pair: features, whether they lie on a change, and where they are"""

    def __init__(self, case, answer, tools):
        t = tools.load_json(f"{case}/truth.json")
        r = tools.load_json(answer)
        self.id, self.patient, self.family, self.findings = case, t["patient"], t["family"], t["findings"]
        c = r["candidates"]
        self.kind = np.array([x["kind"] for x in c], int)
        self.sign = np.array([x["sign"] for x in c], int)
        self.zone = [x["zone"] for x in c]
        self.x = np.array([x["values"] for x in c], float).reshape(len(c), len(r["features"]))
        w, h = t["size_current"]
        self.masks = [np.packbits(tools.raster([(x / 2, y / 2) for x, y in k["contour"]], w // 2 + 1, h // 2 + 1)) for k in c]
        self.area = [int(np.unpackbits(m).sum()) for m in self.masks]
        self.label, self.hit = self.judge(t, case, c, tools)

    def judge(self, t, case, c, tools):
        """1 on a change, 0 not, -1 part of one; by the rules of score.py"""
        w, h = t["size_current"]
        mm, tolerance = t["mm_per_px"], 8.0 if t.get("approximate") else tools.TOL_MM
        truth = [nd.distance_transform_edt(~(np.array(tools.Image.open(f"{case}/{f['mask']}")) > 0)) <= tolerance / mm for f in t["findings"]]
        label, hit = np.zeros(len(c), int), np.full(len(c), -1)
        for i, k in enumerate(c if truth else []):
            d = tools.raster(k["contour"], w, h)
            n = int(d.sum())
            if not n:
                continue
            ys, xs = np.nonzero(d)
            cx, cy, best = int(round(xs.mean())), int(round(ys.mean())), 0
            for j, m in enumerate(truth):
                both = int((d & m).sum())
                iou = both / max(1, (d | m).sum())
                small = n <= tools.SIZE_K * m.sum() + tools.SIZE_MM2 / mm ** 2
                if small and iou >= tools.IOU and (both >= tools.COVER * m.sum() or m[cy, cx]):
                    if iou > best:
                        label[i], hit[i], best = 1, j, iou
                elif small and label[i] == 0 and (m[cy, cx] or both >= .5 * n):
                    label[i] = -1
        return label, hit

    def right(self):
        """on a change, with its direction"""
        want = np.array([1 if j >= 0 and self.findings[j]["density"] == "increased" else -1 for j in self.hit])
        return (self.label == 1) & (want == self.sign)

    def select(self, score):
        keep = []
        for i in np.argsort(-score, kind="stable"):
            if len(keep) == MOST or score[i] < LEAST:
                break
            if all(np.unpackbits(self.masks[i] & self.masks[k]).sum() <= OVERLAP * min(self.area[i], self.area[k]) for k in keep):
                keep.append(i)
        return keep


def regress(z, y, w, l2):
    """logistic regression by Newton's method; the last coefficient is the bias"""
    x = np.hstack([z, np.ones((len(z), 1))])
    c, ridge = np.zeros(x.shape[1]), np.r_[np.full(z.shape[1], l2), 1e-6]
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(x @ c, -30, 30)))
        step = np.linalg.solve((x.T * (w * p * (1 - p) + 1e-6)) @ x + np.diag(ridge), x.T @ (w * (p - y)) + ridge * c)
        c -= step
        if np.abs(step).max() < 1e-4:
            break
    return c


class Scorer:
    """weights of one kind: terms (feature, mean, deviation, weight) and bias"""

    def __init__(self, x, y, w, l2, terms, shift):
        self.mean, self.dev = x.mean(0), x.std(0)
        active = [k for k in range(x.shape[1]) if self.dev[k] > 1e-6]
        z = np.clip((x - self.mean) / np.maximum(self.dev, 1e-6), -LIMIT, LIMIT)
        c = regress(z[:, active], y, w, l2)
        while len(active) > terms:
            for k in sorted(np.argsort(np.abs(c[:-1]))[:3 if len(active) > terms + 12 else 1], reverse=True):
                active.pop(k)
            c = regress(z[:, active], y, w, l2)
        self.active, self.weight, self.bias = active, c[:-1], c[-1] + shift

    def __call__(self, x):
        z = np.clip((x[:, self.active] - self.mean[self.active]) / self.dev[self.active], -LIMIT, LIMIT)
        return 1 / (1 + np.exp(-(z @ self.weight + self.bias)))


def fit(pairs, o):
    out = []
    for kind in range(len(KINDS)):
        x = np.concatenate([p.x[(p.kind == kind) & (p.label >= 0)] for p in pairs])
        y = np.concatenate([p.right()[(p.kind == kind) & (p.label >= 0)] for p in pairs]).astype(float)
        w = np.concatenate([np.full(((p.kind == kind) & (p.label >= 0)).sum(), o.real if p.family == "real" else 1.0) for p in pairs])
        out.append(Scorer(x, y, w, o.l2, o.terms, o.shift))
    return out


def score(pair, scorers):
    s = np.zeros(len(pair.kind))
    for kind, f in enumerate(scorers):
        m = pair.kind == kind
        if m.any():
            s[m] = f(pair.x[m])
    return s


def summary(pairs, scores, rates=(.5, 1, 2)):
    """sensitivity at so many false marks a pair, and what happens at 0.5"""
    rows, false, top, half = [], [], ([], []), []
    for p, s in zip(pairs, scores):
        keep = p.select(s)
        best = [None] * len(p.findings)
        mine = [s[i] for i in keep if p.label[i] == 0]
        for i in keep:
            if p.label[i] == 1 and best[p.hit[i]] is None:
                f = p.findings[p.hit[i]]
                best[p.hit[i]] = (s[i], (p.sign[i] > 0) == (f["density"] == "increased"), p.zone[i] in (f.get("zones") or [f["zone"]]))
        rows += list(zip(best, p.findings))
        false.append(mine)
        top[bool(p.findings)].append(max([s[i] for i in keep], default=0))
        if not p.findings:
            half.append(sum(v >= .5 for v in mine))
    v = np.sort(np.concatenate([np.array(f) for f in false]))[::-1]
    limit = lambda r: v[int(r * len(pairs))] if int(r * len(pairs)) < len(v) else -1
    found = lambda t, keep=lambda f: True: float(np.mean([b is not None and b[0] > t for b, f in rows if keep(f)] or [np.nan]))
    t = limit(rates[1])
    groups = {g: round(found(t, lambda f, g=g: g in (f["type"], f["contrast"])), 2) for g in ("nodule", "consolidation", "effusion", "pneumothorax", "heart", "subtle", "moderate", "obvious")}
    hits = [b for b, _ in rows if b and b[0] > t]
    u, c = np.array(top[0]), np.array(top[1])
    auc = float(np.mean((c[:, None] > u) + .5 * (c[:, None] == u))) if len(u) and len(c) else np.nan
    print(f"pairs {len(pairs)} findings {len(rows)} sensitivity at {rates}: {[round(found(limit(r)), 3) for r in rates]} AUC {auc:.3f}")
    print(f"  at {rates[1]}: {groups} direction {np.mean([h[1] for h in hits]):.3f} zone {np.mean([h[2] for h in hits]):.3f}")
    print(f"  at score 0.5: sensitivity {found(.5 - 1e-9):.3f} false {np.mean([sum(x >= .5 for x in f) for f in false]):.2f} a pair, {np.mean(half or [np.nan]):.2f} an unchanged pair")


def cross_validate(pairs, o):
    patients = sorted({p.patient for p in pairs})
    fold = {p: i % o.folds for i, p in enumerate(np.random.default_rng(0).permutation(patients))}
    scores = [None] * len(pairs)
    for k in range(o.folds):
        scorers = fit([p for p in pairs if fold[p.patient] != k], o)
        for i, p in enumerate(pairs):
            if fold[p.patient] == k:
                scores[i] = score(p, scorers)
    for family, rates in (("self", (.5, 1, 2)), ("real", (1, 2, 4))):
        m = [i for i, p in enumerate(pairs) if p.family == family]
        if m:
            print(family, end=" ")
            summary([pairs[i] for i in m], [scores[i] for i in m], rates)


def write_c(path, scorers, names):
    with open(path, "w") as f:
        f.write("""/* Weights of the change scores; made by data/compare/train-changes.py, not edited by hand.
 * Copyright 2026 The Interval developers
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "app/compare/iv-change-score.h"

""")
        for kind, s in zip(KINDS, scorers):
            f.write(f"static const IvChangeTerm {kind}[] = {{\n")
            for k, w in sorted(zip(s.active, s.weight), key=lambda q: -abs(q[1])):
                f.write(f"  {{ IV_FEATURE_{names[k].upper()}, {s.mean[k]:.6g}, {s.dev[k]:.6g}, {w:.4f} }},\n")
            f.write("};\n\n")
        f.write("/* In the order of IvCandidateKind. */\nconst IvChangeWeights iv_change_weights[IV_N_CANDIDATE_KINDS] = {\n")
        for kind, s in zip(KINDS, scorers):
            f.write(f"  {{ {s.bias:.4f}, G_N_ELEMENTS ({kind}), {kind} }},\n")
        f.write("};\n")


def main():
    if sys.argv[1:2] == ["list"]:
        return list_pairs(*sys.argv[2:4])
    ap = argparse.ArgumentParser()
    ap.add_argument("command", choices=["train"])
    ap.add_argument("--eval", required=True)
    ap.add_argument("--pair", nargs=2, action="append", metavar=("CASES", "CANDIDATES"))
    ap.add_argument("--terms", type=int, default=14)
    ap.add_argument("--l2", type=float, default=10)
    ap.add_argument("--real", type=float, default=1, help="weight of candidates of real pairs")
    ap.add_argument("--shift", type=float, default=-.4, help="added to each bias: a mark where nothing changed is worse than a missed subtle change")
    ap.add_argument("--folds", type=int, default=5)
    ap.add_argument("--out")
    o = ap.parse_args()
    sys.path.insert(0, o.eval)
    import score as tools
    pairs, names = [], None
    for cases, answers in o.pair:
        for a in sorted(os.listdir(answers)):
            r = json.load(open(f"{answers}/{a}"))
            names = names or r["features"]
            if r["features"] != names:
                raise SystemExit(f"{answers}/{a}: made by another version")
            if r["candidates"]:
                pairs.append(Pair(f"{cases}/{a[:-5]}", f"{answers}/{a}", tools))
    cross_validate(pairs, o)
    if o.out:
        write_c(o.out, fit(pairs, o), names)


if __name__ == "__main__":
    main()
