"""A notice of triage comes above the films, is dismissed and stays away; lists order by it; failures stay small.
The model's weights are random and its card flags everything: the scores mean nothing.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later

Usage: test-triage.py INTERVAL GOLDEN FILM OTHER: the folder of golden models, films of two patients."""
import json
import os
import re
import shutil
import sys
import tempfile

from window import Tap, Window, children, environment, is_showing, name_of, walk

PROGRAM, GOLDEN, FILM, OTHER = sys.argv[1:]
GENEROUS = 150  # seconds: the model is loaded, warmed up and asked five times


class Scenario:
    """The steps share the folder; each opens the window anew."""

    def __init__(self, folder):
        self.folder = folder
        self.model = os.path.join(folder, "model")
        self.window = None
        shutil.copytree(os.path.join(GOLDEN, "hf", "qwen2.5-vl"), self.model)
        with open(self.model + ".interval.json", "w", encoding="utf-8") as file:
            names = ("pneumothorax", "tension", "large-effusion", "free-air", "malposition", "new-consolidation")
            json.dump({"triage": {"least_mass": 0, "thresholds": dict.fromkeys(names, 0)}}, file)

    def start(self, model, *paths):
        self.window = Window(PROGRAM, paths, environment(self.folder, {"model-file": f"'{model}'"}))

    def close(self):
        complaints = self.window.close()
        assert not complaints, "; ".join(complaints[:3])

    def a_notice_comes(self):
        self.start(self.model, FILM)
        label = self.window.wait("the notice", lambda: self.window.says("Possible pneumothorax —"), GENEROUS)
        assert re.fullmatch(r"Possible pneumothorax — \d\.\d\d, model", name_of(label)), name_of(label)
        assert self.window.says("uncalibrated"), "it is not said that nobody calibrated"

    def it_is_dismissed(self):
        w = self.window
        w.press(w.find(role="push button", name="Dismiss Notice"))
        w.wait("the next notice", lambda: w.says("Possible signs of tension —"))
        assert not w.says("Possible pneumothorax —"), "the dismissed notice is there"
        self.close()

    def it_stays_away(self):
        self.start(self.model, FILM)
        w = self.window
        w.wait("the next notice", lambda: w.says("Possible signs of tension —"), GENEROUS)
        for label in ("tension", "effusion", "free air", "tube or line"):
            w.wait(label, lambda label=label: w.says(label) and w.says(" — "))
            w.press(w.find(role="push button", name="Dismiss Notice"))
        w.wait("the calm line", lambda: w.says("That promises nothing."))
        self.close()

    def patients(self):
        table = self.window.look(role="list", name="Patients")
        return [row for row in children(table) if is_showing(row)] if table else []

    def lists_order_by_it(self):
        self.start(self.model, FILM, OTHER)
        w = self.window
        # Every notice of the first patient was dismissed; the other one has its own.
        w.wait("the mark", lambda: w.says("Possible pneumothorax "), GENEROUS)
        assert len(self.patients()) == 2, self.patients()
        other = [name_of(row) for row in self.patients()][0]
        w.press(w.wait("the button", lambda: next((node for node in walk(w.root) if name_of(node) == "By Urgency"
                                                   and node.get_action_iface()), None)))
        first = w.wait("two rows", lambda: len(self.patients()) == 2 and self.patients()[0])
        assert w.look(role="label", starts="Possible pneumothorax", root=first), f"{name_of(first)} before {other}"
        self.close()

    def a_failure_stays_small(self):
        """A tower that is not the model's: reading goes on, and the window says why there is no notice."""
        folder = os.path.join(self.folder, "pair")
        os.mkdir(folder)
        model = os.path.join(folder, "model.gguf")
        shutil.copy(os.path.join(GOLDEN, "text", "qwen2", "model-f32.gguf"), model)
        shutil.copy(os.path.join(GOLDEN, "vision", "gemma3", "mmproj-f32.gguf"), folder)
        self.start(model, FILM)
        w = self.window
        w.wait("the reason", lambda: w.says("Triage failed: "), GENEROUS)
        assert w.look(name="Side by Side"), "the films are not on screen"
        self.close()

    def no_model_no_line(self):
        self.start("", FILM)
        w = self.window
        w.find(name="Side by Side")
        assert not w.says("Triage") and not w.says("promises nothing"), "triage speaks without a model"
        self.close()


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="interval-test-") as folder:
        scenario = Scenario(folder)
        for step in ("a_notice_comes", "it_is_dismissed", "it_stays_away", "lists_order_by_it",
                     "a_failure_stays_small", "no_model_no_line"):
            tap.step(step.replace("_", " "), getattr(scenario, step))
        if tap.failed and scenario.window:
            scenario.window.kill()
    return tap.finish()


sys.exit(main())
