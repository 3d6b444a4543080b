"""Opens a patient's three films, reads the table of measures, copies it, draws the lines, goes along the trend.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later

Usage: test-measures.py INTERVAL FILM…: three films of one patient."""
import os
import re
import subprocess
import sys
import tempfile

from window import Atspi, Tap, Window, children, environment, is_showing, name_of

PROGRAM, *FILMS = sys.argv[1:]

# Another program of the desktop, which pastes.
PASTE = """
import gi
gi.require_version("Gtk", "4.0")
from gi.repository import Gdk, GLib, Gtk
Gtk.init()
loop = GLib.MainLoop()
def done(clipboard, result):
    try:
        print(clipboard.read_text_finish(result) or "", end="")
    except GLib.Error:
        pass  # nobody has copied anything yet
    loop.quit()
Gdk.Display.get_default().get_clipboard().read_text_async(None, done)
loop.run()
"""


def paste():
    return subprocess.run([sys.executable, "-c", PASTE], env={**os.environ, "GTK_A11Y": "none"}, timeout=30,
                          capture_output=True, text=True, check=True).stdout


class Scenario:
    """The steps share the window."""

    def __init__(self, window):
        self.window = window

    def rows(self):
        table = self.window.look(role="list", name="Measures")
        return [row for row in children(table) if is_showing(row)] if table else []

    def read_the_table(self):
        w = self.window
        rows = w.wait("the table of measures", self.rows)
        names = [name_of(row) for row in rows]
        assert len(names) == 5, names
        ratio = re.match(r"Cardiothoracic ratio, current (0\.\d\d), prior (0\.\d\d), change", names[0])
        assert ratio, names[0]
        # The simulated patient's is 0.457.
        assert all(abs(float(value) - 0.457) < 0.03 for value in ratio.groups()), names[0]
        assert re.search(r"Heart width, current \d+, prior \d+, change \S+ mm", names[1]), names[1]
        assert re.search(r"Right lung field, .* cm²", names[3]), names[3]
        assert "at the detector" in rows[1].get_description(), "no provenance of the millimetres"

    def copy(self, button, mark):
        w = self.window
        w.press(w.find(role="push button", name=button))
        return w.wait(f"the table by {button}", lambda: (lambda text: text if mark in text else None)(paste()))

    def copy_the_table(self):
        text = self.copy("Copy Table", "Measure\tCurrent\tPrior")
        assert "\nCardiothoracic ratio\t0.4" in text, text
        assert re.search(r"\n1\tincreased\tleft middle zone\t\d+\tmm²\t", text), text

    def copy_as_markdown(self):
        text = self.copy("Copy the Table as Markdown", "| Measure | Current | Prior |")
        assert "| Cardiothoracic ratio | 0.4" in text, text

    def select_a_row(self):
        w = self.window
        rows = self.rows()
        w.click(rows[0])
        w.wait("the row to be selected", lambda: rows[0].get_state_set().contains(Atspi.StateType.SELECTED))
        film = w.find(role="image", starts="Current film")
        w.wait("the lines on the film", lambda: "Cardiothoracic ratio 0.4" in film.get_description())
        w.click(rows[4])
        w.wait("the lines to go", lambda: "Cardiothoracic" not in film.get_description())

    def mark_the_changes(self):
        w = self.window
        w.wait("the exchanged films", lambda: w.says("Also with the films exchanged"), 120)

    def go_along_the_trend(self):
        w = self.window
        plot = w.find(120, role="image", name="Measures over time", showing=False)
        w.wait("all three films", lambda: "3" in plot.get_description().split(" ")[0], 120)
        before = w.look(role="push button", name="−22 d")
        assert before, "the prior is not the latest one"
        # The plot follows the table: one Tab behind the row that was clicked.
        for key in ("Tab", "Left", "Left", "Left", "Return"):
            subprocess.run(["xdotool", "key", key], check=True)
        w.wait("the oldest film as the prior", lambda: w.look(role="push button", name="−214 d"))


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="interval-measures-") as folder:
        window = Window(PROGRAM, FILMS, environment(folder, {"score-threshold": "0.5"}))
        scenario = Scenario(window)
        tap.step("lists the measures of both films", scenario.read_the_table)
        tap.step("copies them with tabs", scenario.copy_the_table)
        tap.step("copies them as Markdown", scenario.copy_as_markdown)
        tap.step("draws the lines of a selected row", scenario.select_a_row)
        tap.step("marks what holds with the films exchanged", scenario.mark_the_changes)
        tap.step("makes a film of the trend the prior", scenario.go_along_the_trend)
        complaints = window.close()

        def nothing_complained():
            assert not complaints, "; ".join(complaints[:3])

        tap.step("ends without a complaint", nothing_complained)
    sys.exit(tap.finish())


main()
