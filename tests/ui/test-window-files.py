"""Opens what readers open and what nobody should: many files, hostile ones, dropped ones, a second case.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later

Usage: test-window-files.py INTERVAL STUDY: the demonstration study's folder."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

import hostile
from window import SIZE, Atspi, Tap, Window, children, environment, is_showing, name_of, role_of, text_of

PROGRAM, STUDY = sys.argv[1:]
HERE = os.path.dirname(os.path.abspath(__file__))
HOSTILE = os.path.join(HERE, "..", "..", "..", "shared", "dicom", "hostile")
GENEROUS = 240  # seconds: a hang is what is looked for, not a slow machine


def film(name):
    return os.path.join(STUDY, name + ".dcm")


class Scenario:
    """The steps share the window."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = environment(folder, {"score-threshold": "0.5"})
        self.window = None

    def start(self, *paths):
        self.window = Window(PROGRAM, paths, self.environment)

    def close(self):
        # GTK itself cannot measure some strings of letters of no language; they are only drawn.
        complaints = [line for line in self.window.close() if "GtkLabel" not in line or "reported min" not in line]
        assert not complaints, "; ".join(complaints[:3])

    def is_busy(self):
        """By the status line; the page that shows while files are opened cannot be told from a hidden one."""
        return any(text_of(node).startswith(("Reading the films…", "Comparing")) and "the Films" not in text_of(node)
                   for node in self.window.all("label"))

    def rest(self):
        """Waits until nothing is under way, which two looks in a row must find."""
        self.window.wait("the window to come to rest", lambda: not any(self.is_busy() for _ in range(2)), GENEROUS)

    def patients(self):
        table = self.window.look(role="list", name="Patients")
        return [row for row in children(table) if is_showing(row)] if table else []

    def row_of(self, part):
        """The patient's row, scrolled into the page."""
        row = next((row for row in self.patients() if part in name_of(row)), None)
        if row is None:
            return None
        box = Atspi.Component.get_extents(row.get_component_iface(), Atspi.CoordType.WINDOW)
        if box.y >= 60 and box.y + box.height <= SIZE[1] - 20:
            return row
        self.window.scroll((SIZE[0] // 2, SIZE[1] // 2), -1 if box.y < 60 else 1)
        return None

    def choose_patient(self, part):
        w = self.window

        def is_chosen():
            # Not by the film: that of the patient before is still in the page behind the list.
            if any(part[:40] in title for title in self.titles()):
                return True
            row = self.row_of(part)
            if row is not None:
                w.click(row)  # a page that is still coming takes no click
            return False

        w.wait(f"the films of {part}", is_chosen)
        self.rest()

    def too_wide(self):
        for role in ("label", "push button", "page tab", "image"):
            for node in self.window.all(role):
                box = Atspi.Component.get_extents(node.get_component_iface(), Atspi.CoordType.WINDOW)
                if box.x + box.width > SIZE[0] + 1:
                    return f"{name_of(node)[:60]!r} ends at {box.x + box.width} of {SIZE[0]} pixels"
        return None

    def assert_inside(self):
        """No text, however long, makes the window wider than it was asked to be, once it is laid out."""
        # A page that slides in ends further right until it has arrived.
        end = time.monotonic() + 10
        while self.too_wide():
            assert time.monotonic() < end, self.too_wide()
            time.sleep(0.2)

    def open_many(self):
        folder = os.path.join(self.folder, "many")
        self.expected = hostile.make_folder(folder, STUDY)
        self.start(folder)
        rows = self.window.wait("the list of patients", self.patients, GENEROUS)
        # A byte that differs may well make a patient of its own.
        assert len(rows) >= self.expected.n_patients, f"{len(rows)} patients of {self.expected.n_patients}"
        assert self.window.says("files could not be read"), "nothing says that files were refused"
        self.assert_inside()

    def read_an_enormous_text(self):
        self.choose_patient(self.expected.enormous)
        self.assert_inside()
        self.window.press(self.window.find(role="push button", name="Patients"))
        self.choose_patient("<b>Tags & Co")
        self.assert_inside()

    def read_a_good_film_among_them(self):
        self.window.press(self.window.find(role="push button", name="Patients"))
        self.choose_patient("Simulated Demonstration")
        assert self.window.says("Registration quality"), "the good films were not compared"

    def titles(self):
        """Of all windows: the patient's name while films are read."""
        return [name_of(node) for node in children(self.window.root) if role_of(node) == "frame"]

    def open_from_outside(self, *arguments):
        """A second start hands its files to the running window and ends."""
        done = subprocess.run([PROGRAM, *arguments], env={**os.environ, **self.environment}, timeout=60,
                              capture_output=True, text=True)
        assert done.returncode == 0, f"the second start ended with {done.returncode}: {done.stderr[-500:]}"

    def open_second_case(self):
        w = self.window
        other = hostile.write_film(os.path.join(self.folder, "other.dcm"), STUDY, PatientName="Second^Case",
                                   PatientID="2")
        self.open_from_outside(other)
        w.wait("the second case", lambda: self.titles() == ["Second Case"])
        self.rest()
        # A film alone: all else works, and the reason for no prior is said once.
        assert len([n for n in w.all("label") if text_of(n) == "No Prior" and self.is_on_film(n)]) == 1
        reason = w.says("No earlier film of this patient")
        assert reason and "No Prior" not in text_of(reason)

    def is_on_film(self, node):
        box = Atspi.Component.get_extents(node.get_component_iface(), Atspi.CoordType.WINDOW)
        return box.x < SIZE[0] // 2

    def refuse_a_missing_file(self):
        w = self.window
        self.open_from_outside(os.path.join(self.folder, "a&b <i>.dcm"))
        w.wait("the refusal", lambda: w.says("a&b <i>.dcm"))

    def drop(self):
        w = self.window
        source = subprocess.Popen([sys.executable, os.path.join(HERE, "drag-source.py"), film("prior"), film("current")],
                                  stdout=subprocess.PIPE, text=True)
        try:
            assert source.stdout.readline().strip() == "ready"
            w.drag((1500, 500), (600, 500))
            w.wait("the dropped films", lambda: self.titles() == ["Simulated Demonstration"])
            self.rest()
            assert w.look(role="image", starts="Prior film, 22 February 2026"), "only one film was dropped"
        finally:
            source.kill()
            source.wait()

    def changes(self):
        """The list: (direction, zone) of each row."""
        table = self.window.look(role="list", name="Changes")
        names = [name_of(row) for row in children(table) if is_showing(row)] if table else []
        return {(name.split(" opacity")[0], " ".join(name.split("zone")[0].split()[-2:])) for name in names}

    def swap(self):
        w = self.window
        before = w.wait("a list of changes", self.changes)
        assert ("Increased", "left middle") in before and ("Decreased", "right upper") in before, before
        item = w.find(role="push button", starts="22 Feb 2026")
        w.click(item, button=3)
        w.press(w.find(role="menu item", name="Read as the Current Film"))
        w.wait("the older film as the current one", lambda: w.look(role="image", starts="Current film, 22 February"))
        self.rest()
        w.press(w.find(role="push button", starts="16 Mar 2026"))
        w.wait("the newer film as the prior", lambda: w.look(role="image", starts="Prior film, 16 March"))
        self.rest()
        after = w.wait("another list of changes", self.changes)
        flipped = {("Increased", "left middle"), ("Decreased", "right upper")}
        assert not flipped & after, f"not flipped: {after}"
        assert {("Decreased", "left middle"), ("Increased", "right upper")} <= after, after

    def open_shared(self):
        self.start(os.path.normpath(HOSTILE))
        w = self.window
        w.wait("an end of the opening", lambda: self.patients() or w.look(role="image", starts="Current film")
               or w.says("Nothing Could Be Read"), GENEROUS)
        self.rest()
        for name in sorted({name_of(row) for row in self.patients()})[:4]:
            self.choose_patient(name)
            w.press(w.find(role="push button", name="Patients"))
            w.wait("the list of patients again", self.patients)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="interval-files-") as folder:
        s = Scenario(folder)
        tap.step("opens a folder of many and hostile files", s.open_many)
        tap.step("reads films with enormous and strange texts", s.read_an_enormous_text)
        tap.step("compares the good films among them", s.read_a_good_film_among_them)
        tap.step("shows a second case that another start hands over", s.open_second_case)
        tap.step("says what a file handed over lacks", s.refuse_a_missing_file)
        tap.step("opens dropped files", s.drop)
        tap.step("flips the directions when the films are swapped", s.swap)
        tap.step("ends without a complaint", s.close)
        if os.path.isdir(HOSTILE):
            tap.step("comes to rest on the reference's hostile files", s.open_shared)
            tap.step("ends without a complaint after them", s.close)
        else:
            print("# left out: the reference's hostile files are not beside the project", flush=True)
        if s.window is not None and s.window.process.poll() is None:
            s.window.kill()
        shutil.rmtree(os.path.join(folder, "many"), ignore_errors=True)
    sys.exit(tap.finish())


main()
