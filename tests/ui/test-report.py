"""Drafts a report, stops it, edits, accepts, copies, is killed, and finds the report again.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later

Usage: test-report.py INTERVAL MODEL MMPROJ FILM…: a small GGUF with its tower, and films of one patient."""
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

from window import Tap, Window, environment, make_endless, name_of, text_of

PROGRAM, MODEL, MMPROJ, *FILMS = sys.argv[1:]
PROMPT = """[settings]
image-tokens = 64
max-tokens = {}
[image]
{{{{time}}}} {{{{view}}}}: {{{{image}}}}
[draft current]
{{{{images}}}} Report.
[draft current prior]
{{{{images}}}} {{{{interval}}}} Report.
"""


def set_prompt(folder, max_tokens):
    """Small pictures, and drafts as long as is wanted."""
    prompts = os.path.join(folder, "config", "interval", "prompts", "report")
    os.makedirs(prompts, exist_ok=True)
    with open(os.path.join(prompts, "qwen-vl.txt"), "w", encoding="utf-8") as file:
        file.write(PROMPT.format(max_tokens))


def prepare(folder):
    model = make_endless(MODEL, folder)
    shutil.copy(MMPROJ, os.path.join(folder, "mmproj-endless.gguf"))
    set_prompt(folder, 3000)
    return environment(folder, {"report-model-file": f"'{model}'"})


class Scenario:
    """The steps share the window and what was seen before."""

    def __init__(self, window, library):
        self.window = window
        self.library = library
        self.text = ""

    def button(self, title):
        """A button whose name begins with a label that has a mnemonic, or none."""
        return next((n for n in self.window.all("push button") + self.window.all("toggle button")
                     if name_of(n).replace("_", "").startswith(title)), None)

    def press(self, title):
        w = self.window
        w.press(w.wait(f"the button {title}", lambda: self.button(title)))

    def report(self):
        return self.window.look(role="text", name="Report")

    def words(self):
        node = self.report()
        return text_of(node) if node else ""

    def kept(self):
        """The report as another program finds it in the library."""
        with contextlib.closing(sqlite3.connect(self.library, timeout=5)) as library:
            row = library.execute("SELECT value FROM notes WHERE name = 'draft'").fetchone()
        return json.loads(row[0]) if row else {}

    def open(self):
        w = self.window
        w.wait("the comparison", lambda: w.says("Compared on"), patience=120)
        w.press(w.find(role="page tab", name="Report"))
        w.wait("what a draft would know", lambda: w.says("Drafted from the current film and the prior"))
        assert not self.words(), "there is a report that nobody asked for"

    def draft(self):
        w = self.window
        entry = w.find(role="text", name="Indication")
        w.click(entry)
        subprocess.run(["xdotool", "type", "--delay", "20", "Cough"], check=True)
        self.press("Draft Report")
        w.wait("words", lambda: len(self.words()) > 20, patience=120)

    def stop(self):
        self.press("Stop Drafting")
        w = self.window
        w.wait("the end of the draft", lambda: w.says("Draft — not accepted · stopped"))
        text = self.words()
        assert "INDICATION: Cough" in text, text
        assert "COMPARISON: Chest radiograph" in text and "22 days earlier" in text, text
        assert "FINDINGS:" in text, text
        footer = text_of(w.says("Draft — not accepted"))
        assert "Tiny" in footer or "gguf" in footer.lower() or "qwen" in footer.lower(), footer
        assert w.says("have a place on the film") or w.says("no image evidence"), "nothing says what the text rests on"

    def show_raw(self):
        w = self.window
        self.press("Show Raw Draft")
        raw = w.find(role="text", name="Raw Draft")
        assert text_of(raw) == self.kept()["draft"]["raw"].rstrip("\0"), "the raw draft is another one"
        self.press("Show Raw Draft")

    def edit(self):
        w = self.window
        w.click(self.report())
        w.key("ctrl+End")
        subprocess.run(["xdotool", "type", "--delay", "20", " Seen by me."], check=True)
        w.wait("the edit", lambda: self.words().endswith(" Seen by me."))
        w.wait("the edit on disk", lambda: self.kept().get("text", "").endswith(" Seen by me."), patience=10)
        assert not self.kept()["draft"]["text"].endswith("Seen by me."), "the edit went into the raw draft"

    def accept(self):
        w = self.window
        self.press("Accept")
        w.wait("the acceptance", lambda: next(
            (n for n in w.all("label") if text_of(n).startswith("Accepted")), None))
        w.wait("the acceptance on disk", lambda: self.kept().get("accepted"), patience=10)
        self.text = self.words()

    def copy(self):
        """What was copied is pasted where a single line goes, and taken away again."""
        w = self.window
        self.press("Copy Report")
        entry = w.find(role="text", name="Indication")
        w.click(entry)
        w.key("ctrl+a")
        w.key("ctrl+v")
        w.wait("the copy", lambda: text_of(entry).startswith("INDICATION: Cough") and "FINDINGS:" in text_of(entry))
        w.key("ctrl+a")
        subprocess.run(["xdotool", "type", "--delay", "20", "Cough"], check=True)
        w.wait("the indication on disk", lambda: self.kept().get("indication") == "Cough", patience=10)

    def crash(self):
        self.window.kill()

    def come_back(self, window):
        self.window = w = window
        w.press(w.find(role="page tab", name="Report"))
        w.wait("the report to come back", lambda: self.words() == self.text)
        assert next((n for n in w.all("label") if text_of(n).startswith("Accepted")), None), "it is accepted no more"
        assert text_of(w.find(role="text", name="Indication")) == "Cough"

    def take_back(self):
        """A further edit is not what was accepted."""
        w = self.window
        w.click(self.report())
        w.key("ctrl+End")
        subprocess.run(["xdotool", "type", "x"], check=True)
        w.wait("the acceptance to go", lambda: w.says("Draft — not accepted"))

    def half_a_draft(self):
        """Some of a new draft on disk while it is written, or None when it came to its end before."""
        before = self.kept().get("text")
        self.press("Regenerate")
        end = time.monotonic() + 120
        while time.monotonic() < end:
            kept = self.kept()
            text = kept.get("text", "")
            if text != before and "draft" in kept:
                return None
            if text != before and len(text) > 20:
                return text
            time.sleep(0.02)
        return None

    def crash_in_mid_draft(self):
        """As soon as some of it is on disk."""
        for _ in range(8):
            if self.half_a_draft():
                self.window.kill()
                self.text = self.kept()["text"]
                assert "draft" not in self.kept(), "the draft ended before the crash"
                return
        raise AssertionError("no half of a draft was on disk")

    def come_back_with_half(self, window):
        self.window = w = window
        w.press(w.find(role="page tab", name="Report"))
        w.wait("half a draft", lambda: self.words()[:20] == self.text[:20])
        assert w.says("Draft — not accepted"), "half a draft passes for more"
        assert self.button("Accept") and self.button("Regenerate"), "it cannot go on"


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="interval-report-") as folder:
        window = Window(PROGRAM, FILMS, prepare(folder))
        scenario = Scenario(window, os.path.join(folder, "data", "interval", "library.db"))
        tap.step("says what a draft would know", scenario.open)
        tap.step("streams a draft", scenario.draft)
        tap.step("stops it, with sections and a footer", scenario.stop)
        tap.step("shows the raw draft", scenario.show_raw)
        tap.step("takes an edit, and keeps the raw draft", scenario.edit)
        tap.step("accepts", scenario.accept)
        tap.step("copies", scenario.copy)
        tap.step("is killed", scenario.crash)
        again = []

        def restart(check):
            def run():
                again.append(Window(PROGRAM, FILMS, environment(folder)))
                check(again[-1])
            return run

        tap.step("comes back with the accepted report", restart(scenario.come_back))
        tap.step("takes the acceptance back with an edit", scenario.take_back)
        tap.step("is killed in mid-draft", scenario.crash_in_mid_draft)
        tap.step("comes back with the draft's beginning", restart(scenario.come_back_with_half))
        complaints = (again or [window])[-1].close()

        def nothing_complained():
            assert not complaints, "; ".join(complaints[:3])

        tap.step("ends without a complaint", nothing_complained)
    sys.exit(tap.finish())


main()
