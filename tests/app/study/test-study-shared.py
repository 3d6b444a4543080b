"""Real and hostile DICOM files beside the project: the same values as another decoder, and no crash.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import collections
import concurrent.futures
import json
import os
import subprocess
import sys

CLI = os.environ["INTERVAL_CLI"]
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
SHARED = os.path.join(ROOT, "..", "shared")
DICOM = os.path.join(SHARED, "dicom")

# Where the expected values themselves are wrong, and what is right.
REFERENCE_IS_WRONG = {
    # 15 stored bits, signed: the reference left the sign bit 14 uncarried (7 … 32760).
    "JLSL_16_15_1_1F.dcm": (-16384, 16383),
    # A 12-bit codestream with a comment behind its tiles: the reference has values up to 65535.
    "966.dcm": (0, 4095),
}
# Not what they are named: their "JPEG 2000" is the bytes 0, 1, 2, …
NO_CODESTREAM = ("generated_encapsulated_",)
LOSSY = (".4.50", ".4.51", ".4.53", ".4.55", ".4.81", ".4.91", ".4.203")


def decode(path):
    run = subprocess.run([CLI, "decode", "--json", path], capture_output=True, timeout=120)
    text = run.stderr.decode("utf-8", "replace").strip()
    return run.returncode, json.loads(run.stdout) if run.returncode == 0 else None, text


def expected_rows():
    with open(os.path.join(DICOM, "EXPECTED.tsv"), encoding="utf-8") as table:
        next(table)
        for line in table:
            fields = line.rstrip("\n").split("\t")
            yield dict(zip(("file", "status", "syntax", "shape", "dtype", "min", "max", "digest"), fields))


def is_refused_kind(row):
    """Colour and more than 16 bits are refused, and the message must say so."""
    return row["shape"].endswith("x3") and row["shape"].count("x") >= 2 or "32" in row["dtype"] or "u4" in row["dtype"]


def judge(row):
    """Returns (kind, complaint)."""
    code, info, text = decode(os.path.join(SHARED, row["file"]))
    name = os.path.basename(row["file"])
    if code not in (0, 1):
        return "crash", f"{name}: status {code}"
    if code == 1 and ": " not in text:
        return "silent", f"{name}: refused without a reason"
    if row["status"] != "ok":
        return "not ok", None
    if code == 1:
        allowed = is_refused_kind(row) or "palette" in text or name.startswith(NO_CODESTREAM)
        return "refused", None if allowed else f"{name}: {text}"
    if row["shape"].count("x") > 1:
        return "first frame", None
    if name in REFERENCE_IS_WRONG:
        right = (info["min"], info["max"]) == REFERENCE_IS_WRONG[name]
        return "reference is wrong", None if right else f"{name}: {info['min']} … {info['max']}"
    if info["sha256_16"] == row["digest"]:
        return "same", None
    near = row["syntax"].endswith(LOSSY) and abs(info["min"] - int(row["min"])) <= 1
    near = near and abs(info["max"] - int(row["max"])) <= 1
    return "lossy", None if near else f"{name}: {info['sha256_16']} instead of {row['digest']}"


def check_expected(pool):
    rows = list(expected_rows())
    results = list(pool.map(judge, rows))
    kinds = collections.Counter(kind for kind, _ in results)
    print("# " + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    return [complaint for _, complaint in results if complaint] or (
        [] if kinds["same"] >= 100 else ["fewer than 100 files decode to the same values"])


def judge_hostile(path):
    try:
        code, _, text = decode(path)
    except subprocess.TimeoutExpired:
        return "hang", f"{path}: no answer in 120 s"
    if code not in (0, 1):
        return "crash", f"{path}: status {code}"
    if code == 1 and ": " not in text:
        return "silent", f"{path}: refused without a reason"
    return ("image", "error")[code], None


def check_hostile(pool):
    paths = [os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(DICOM, "hostile"))
             for name in sorted(names)]
    results = list(pool.map(judge_hostile, paths))
    kinds = collections.Counter(kind for kind, _ in results)
    print("# " + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    return [complaint for _, complaint in results if complaint]


def scan(*paths):
    run = subprocess.run([CLI, "scan", "--json", *paths], capture_output=True, timeout=300,
                         env={**os.environ, "LANGUAGE": "C", "LC_ALL": "C.UTF-8"})
    return json.loads(run.stdout)


def check_pairs(_):
    """A folder and its DICOMDIR give the same patients and priors."""
    reasons = []
    for path in (os.path.join(DICOM, "made", "pairs"), os.path.join(DICOM, "made", "pairs", "DICOMDIR")):
        answer = scan(path)
        reasons.append(sorted(image["prior"]["reason"] for patient in answer["patients"]
                              for study in patient["studies"] for image in study["images"]))
    wanted = ["AP prior against PA current, 10 days earlier, same patient ID",
              "PA, 16 days earlier, same patient ID",
              "PA, 24 days earlier, same patient ID, but the names differ"]
    missing = [reason for reason in wanted if reason not in reasons[0]]
    return missing + ([] if reasons[0] == reasons[1] else ["folder and DICOMDIR differ"])


def check_hostile_scan(_):
    answer = scan(os.path.join(DICOM, "hostile"))
    return [] if answer["n_images"] > 0 else ["no image at all among the hostile files"]


def main():
    checks = [("expected values", check_expected), ("hostile files", check_hostile),
              ("pairs and DICOMDIR", check_pairs), ("scan of hostile files", check_hostile_scan)]
    print(f"1..{len(checks)}")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for number, (name, check) in enumerate(checks, 1):
            if not os.path.isdir(DICOM):
                print(f"ok {number} - {name} # SKIP left out: the shared DICOM files are not there")
                continue
            complaints = check(pool)
            for complaint in complaints[:20]:
                print("# " + complaint)
            print(f"{'not ok' if complaints else 'ok'} {number} - {name}")
            sys.stdout.flush()


main()
