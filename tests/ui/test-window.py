"""Opens a pair, windows it, cuts the link, chooses a change, asks the chat, stops it, and is killed.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later

Usage: test-window.py INTERVAL MODEL FILM…: a small GGUF, and films of one patient."""
import contextlib
import json
import os
import re
import sqlite3
import sys
import tempfile
import time

from window import Atspi, GLib, Tap, Window, children, environment, is_showing, make_endless, name_of, text_of, walk

PROGRAM, MODEL, *FILMS = sys.argv[1:]


def prepare(folder, model):
    """Settings and instructions for a program that starts with a model, or with none."""
    # The facts alone: the shipped instructions are long for a tokenizer of 520 pieces.
    prompts = os.path.join(folder, "config", "interval", "prompts")
    os.makedirs(prompts, exist_ok=True)
    with open(os.path.join(prompts, "chat.txt"), "w", encoding="utf-8") as file:
        file.write("{{case}}")
    # All candidates listed, so that there is one to choose whatever their scores are.
    return environment(folder, {"model-file": f"'{model}'", "temperature": "0.0", "score-threshold": "0.0"})


class Scenario:
    """The steps share the window and what was seen before."""

    def __init__(self, window, library):
        self.window = window
        self.library = library
        self.film = None
        self.written = ""

    def view(self):
        """Zoom and window of the current film, as its description says them."""
        match = re.search(r"Zoom (\d+) %, window width (\d+), centre (-?\d+)", self.film.get_description())
        assert match, f"the film says {self.film.get_description()!r}"
        return tuple(int(part) for part in match.groups())

    def open_a_pair(self):
        w = self.window
        self.film = w.find(role="image", starts="Current film")
        w.find(role="image", starts="Prior film")
        w.wait("the patient's name in the header", lambda: w.says("Simulated Demonstration"))
        w.wait("the interval in the header", lambda: w.look(role="push button", name="−22 d"))
        w.wait("the size of the current film's picture", lambda: self.view()[0] > 0)
        assert w.says("Simulated films"), "nothing says that the films are simulated"
        assert w.says("not a medical device"), "nothing says what the program is for"

    def choose_a_preset(self):
        w = self.window
        before = self.view()
        # A menu button is a box with a button in it; the inner one is pressed.
        w.press(children(w.find(role="push button", name="Window and View"))[0])
        w.press(w.find(role="menu item", name="Bone"))
        w.wait("another window", lambda: self.view()[1:] != before[1:])
        assert self.view()[0] == before[0], "a preset must not zoom"

    def cut_the_link(self):
        w = self.window
        link = w.find(role="push button", name="Move Both Films Together")
        assert w.is_pressed(link), "the films are not linked at first"
        w.press(link)
        w.wait("the link to be cut", lambda: not w.is_pressed(link))
        w.press(link)
        w.wait("the link to be mended", lambda: w.is_pressed(link))

    def rows(self):
        table = self.window.look(role="list", name="Changes")
        return [row for row in children(table) if is_showing(row)] if table else []

    def choose_a_change(self):
        w = self.window
        w.wait("the end of the comparison", lambda: w.says("Registration quality"))
        rows = w.wait("a list of changes", self.rows)
        name = name_of(rows[0])
        assert re.search(r"(right|left) (upper|middle|lower) zone", name), f"no zone in {name!r}"
        assert re.search(r"(Increased|Decreased) opacity", name), f"no direction in {name!r}"
        assert "mm² at the detector" in name, f"no size with its provenance in {name!r}"
        before = self.view()
        w.click(rows[0])
        w.wait("the film to be brought to the change", lambda: self.view()[0] > before[0])

    def answers(self):
        log = self.window.look(role="log", name="Conversation")
        return [node for node in walk(log) if name_of(node) == "Answer" and node.get_role_name() == "panel"]

    def words(self):
        """What the model has written: the labels of the last answer that are not the window's own."""
        own = ("Model, not checked", "Reading the conversation…", "Thinking…", "Thoughts", "Stopped")
        answers = self.answers()
        labels = [text_of(node) for node in walk(answers[-1]) if node.get_role_name() == "label" and is_showing(node)] \
            if answers else []
        return " ".join(text for text in labels if text not in own)

    def ask(self):
        w = self.window
        w.press(w.find(role="page tab", name="Chat"))
        w.wait("the model", lambda: w.says("tiny-random"))
        assert w.says("F32"), "the quantisation is not shown"
        entry = w.find(role="text", name="Question")
        assert Atspi.EditableText.insert_text(entry.get_editable_text_iface(), 0, "What changed?", 13)
        w.press(w.find(role="push button", name="Send"))
        w.wait("the question in the conversation", lambda: w.says("What changed?"))
        w.wait("words of the answer", lambda: len(self.words()) > 5)

    def is_answering(self):
        button = self.window.look(role="push button", name="Stop Answering")
        return button if button and button.get_state_set().contains(Atspi.StateType.SENSITIVE) else None

    def answer_state(self):
        """How the last answer stands: "stopped", "full" when it went on to the end of the context, or None."""
        answers = self.answers()
        texts = [text_of(node) for node in walk(answers[-1]) if node.get_role_name() == "label" and is_showing(node)] \
            if answers else []
        if "Stopped" in texts:
            return "stopped"
        return "full" if any(text.startswith("The context is full") for text in texts) else None

    def ask_again(self):
        w = self.window
        w.press(w.find(role="push button", name="Answer Again"))
        w.wait("another answer", lambda: self.answer_state() is None, patience=10)

    def press_stop(self):
        """Presses the button while the answer is written; how the answer ended."""
        w = self.window
        button = w.wait("a button to stop", lambda: self.is_answering() or self.answer_state())
        if isinstance(button, str):
            return button
        try:
            w.press(button)
        except (AssertionError, GLib.Error):  # the answer came to its end as we reached for the button
            pass
        return w.wait("the end of the answer", self.answer_state, patience=10)

    def stop(self):
        """The small model fills its context in seconds, which a slow machine may need to find the button: then it is
        asked again. An answer that cannot be stopped always ends with a full context, and never passes."""
        w = self.window
        for _ in range(8):
            if self.press_stop() == "stopped":
                break
            self.ask_again()
        assert self.answer_state() == "stopped", "no answer could be stopped"
        assert not self.is_answering(), "it can be stopped twice"
        words = self.words()
        w.find(role="push button", name="Answer Again")
        meter = w.wait("the context", lambda: next(
            (text_of(n) for n in w.all("label") if re.fullmatch(r"[1-9]\d* / \d+", text_of(n))), None))
        assert int(meter.split(" / ")[0]) < int(meter.split(" / ")[1]), f"the context holds {meter}"
        assert w.says("tokens/s"), "the speed is not shown"
        assert self.words() == words, "the answer went on after it was stopped"

    def read_what_the_model_is_told(self):
        w = self.window
        w.press(w.find(role="push button", name="What the model is told"))
        facts = w.wait("the facts", lambda: w.says("Prior film: PA chest radiograph, 22 days earlier"))
        assert "INTERVAL-DEMO" not in text_of(facts), "the model is told the patient's number"
        assert "2026" not in text_of(facts), "the model is told dates"

    def kept_answer(self):
        """The answer as another program finds it in the library: its state and its text."""
        with contextlib.closing(sqlite3.connect(self.library, timeout=5)) as library:
            row = library.execute("SELECT value FROM notes WHERE name = 'chat'").fetchone()
        answer = json.loads(row[0])[-1] if row else {"state": "none", "text": ""}
        return answer["state"], answer["text"]

    def half_an_answer(self):
        """Some of a new answer on disk while it is written, or None when it came to its end before."""
        self.ask_again()
        end = time.monotonic() + 60
        while time.monotonic() < end and self.answer_state() != "full":
            state, text = self.kept_answer()
            if state == "writing" and len(text) > 5:
                return text
        return None

    def crash(self):
        """In mid-answer, as soon as some of it is on disk."""
        for _ in range(8):
            self.written = self.half_an_answer()
            if self.written:
                self.window.kill()
                if self.kept_answer()[0] == "writing":
                    return
                raise AssertionError("the answer ended before the crash")
        raise AssertionError("no half of an answer was on disk")

    def come_back(self, window):
        self.window = w = window
        w.press(w.find(role="page tab", name="Chat"))
        w.wait("the question to come back", lambda: w.says("What changed?"))
        w.wait("the answer to be marked as stopped", lambda: w.says("Stopped"))
        # Thoughts fold, and Markdown takes signs away: letters are compared.
        written, words = (re.sub(r"[\W_�]+", "", text) for text in (self.written.split("</think>", 1)[-1], self.words()))
        assert written and words[:6] == written[:6], f"{written!r} became {words!r}"
        assert w.look(role="push button", name="Answer Again"), "the conversation cannot go on"
        assert not [n for n in w.all("label") if text_of(n).startswith("0 / ")], "a context that nobody has counted"

    def come_back_without_model(self, window):
        self.window = w = window
        w.press(w.find(role="page tab", name="Chat"))
        w.wait("the question to come back", lambda: w.says("What changed?"))
        assert w.says("To go on with it, add a language model"), "nothing says how to go on"
        # The name of a button with a mnemonic begins with the label as it was written.
        assert [n for n in w.all("push button") if "Choose Model" in name_of(n)], "no model can be chosen"
        assert not [n for n in w.all("label") if re.fullmatch(r"\d+ / \d+", text_of(n))], "a context without a model"

    def fold_the_panel(self):
        w = self.window
        button = w.find(role="push button", name="Side Panel")
        assert w.is_pressed(button)
        w.press(button)
        w.wait("the panel to fold", lambda: not w.is_pressed(button))


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="interval-window-") as folder:
        window = Window(PROGRAM, FILMS, prepare(folder, make_endless(MODEL, folder)))
        scenario = Scenario(window, os.path.join(folder, "data", "interval", "library.db"))
        tap.step("opens a pair of films", scenario.open_a_pair)
        tap.step("changes the window by a preset", scenario.choose_a_preset)
        tap.step("cuts and mends the link", scenario.cut_the_link)
        tap.step("brings the films to a chosen change", scenario.choose_a_change)
        tap.step("streams an answer", scenario.ask)
        tap.step("stops it at once", scenario.stop)
        tap.step("shows what the model is told", scenario.read_what_the_model_is_told)
        tap.step("is killed in mid-answer", scenario.crash)
        again = []

        def restart():
            again.append(Window(PROGRAM, FILMS, environment(folder)))
            scenario.come_back(again[0])

        tap.step("comes back with the question and the answer's beginning", restart)
        complaints = []

        def restart_without_model():
            complaints.extend(again.pop().close())
            again.append(Window(PROGRAM, FILMS, prepare(folder, "")))
            scenario.come_back_without_model(again[0])

        tap.step("shows the conversation without a model", restart_without_model)
        tap.step("folds the side panel", scenario.fold_the_panel)
        complaints.extend((again or [window])[0].close())

        def nothing_complained():
            assert not complaints, "; ".join(complaints[:3])

        tap.step("ends without a complaint", nothing_complained)
    sys.exit(tap.finish())


main()
