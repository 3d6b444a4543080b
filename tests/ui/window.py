"""The window driven as a person with a screen reader would: through AT-SPI only.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import os
import signal
import struct
import subprocess
import time
import warnings

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

warnings.simplefilter("ignore", DeprecationWarning)

PATIENCE = 60  # seconds, for a machine that does other things too
SCHEMA = "io/github/intervalcxr/Interval"
SIZE = (1400, 900)  # of a window that environment() is for


class Missing(AssertionError):
    """What was waited for did not come."""


def environment(folder, settings=None):
    """Variables for a program whose settings and files lie in folder; settings are written anew when they are given,
    as GVariant text by key."""
    if settings is not None:
        keyfile = os.path.join(folder, "config", "glib-2.0", "settings", "keyfile")
        os.makedirs(os.path.dirname(keyfile), exist_ok=True)
        size = {"window-width": str(SIZE[0]), "window-height": str(SIZE[1])}
        with open(keyfile, "w", encoding="utf-8") as file:
            file.write(f"[{SCHEMA}]\n" + "".join(f"{key}={value}\n" for key, value in {**size, **settings}.items()))
    names = {"XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data", "XDG_CACHE_HOME": "cache", "XDG_STATE_HOME": "state"}
    return {"GSETTINGS_BACKEND": "keyfile", **{key: os.path.join(folder, name) for key, name in names.items()}}


def make_endless(model, folder):
    """A copy of the model that has no token to end its turn with, so that there is time to stop it."""
    with open(model, "rb") as file:
        data = bytearray(file.read())
    for token in (b"<|im_end|>", b"<|endoftext|>"):  # the first is the one in the vocabulary
        at = data.index(token)
        data[at:at + len(token)] = token[:-3] + b"_|>"
    key = b"tokenizer.ggml.eos_token_id"
    at = data.index(key) + len(key) + 4  # behind the type of the value
    data[at:at + 4] = struct.pack("<I", 516)  # the place of an image, which text never holds
    copy = os.path.join(folder, "endless.gguf")
    with open(copy, "wb") as file:
        file.write(data)
    return copy


def children(node):
    try:
        return [child for child in (node.get_child_at_index(i) for i in range(node.get_child_count())) if child]
    except GLib.Error:  # went away while we looked
        return []


def walk(node):
    yield node
    for child in children(node):
        yield from walk(child)


def is_showing(node):
    """GTK 4.8 does not report SHOWING: what is neither hidden nor without size is taken for shown. A page of a stack
    that was shown before keeps its size, so ask for what only the wanted page can hold."""
    try:
        if not node.get_state_set().contains(Atspi.StateType.VISIBLE):
            return False
        component = node.get_component_iface()
        if component is None:
            return True
        extents = Atspi.Component.get_extents(component, Atspi.CoordType.WINDOW)
        return extents.width > 0 and extents.height > 0
    except GLib.Error:  # went away while we looked
        return False


def role_of(node):
    try:
        return node.get_role_name()
    except GLib.Error:
        return ""


def name_of(node):
    try:
        return node.get_name() or ""
    except GLib.Error:
        return ""


def text_of(node):
    """What a label or a text view says."""
    try:
        text = node.get_text_iface()
        if text is not None:
            return Atspi.Text.get_text(text, 0, Atspi.Text.get_character_count(text))
    except GLib.Error:
        pass
    return name_of(node)


def wait_for(what, condition, patience=PATIENCE):
    """Polls condition until it is true; its value is returned."""
    end = time.monotonic() + patience
    while True:
        try:
            value = condition()
        except GLib.Error:
            value = None
        if value:
            return value
        if time.monotonic() > end:
            raise Missing(f"waited {patience} s for {what}")
        time.sleep(0.05)


class Window:
    """A running interval and its accessible tree."""

    def __init__(self, program, arguments, environment):
        self.process = subprocess.Popen([program, *arguments], env={**os.environ, **environment},
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.root = wait_for("the application", self._find_application)

    def _find_application(self):
        if self.process.poll() is not None:
            raise AssertionError(f"interval ended with {self.process.returncode}: {self.process.stderr.read()[-2000:]}")
        for i in range(Atspi.get_desktop_count()):
            for application in children(Atspi.get_desktop(i)):
                if application.get_process_id() == self.process.pid and application.get_child_count() > 0:
                    return application
        return None

    def look(self, role=None, name=None, starts=None, showing=True, root=None):
        for node in walk(root or self.root):
            try:
                if role is not None and node.get_role_name() != role:
                    continue
                own = name_of(node)
                if name is not None and own != name:
                    continue
                if starts is not None and not own.startswith(starts):
                    continue
                if showing and not is_showing(node):
                    continue
                return node
            except GLib.Error:
                continue
        return None

    def wait(self, what, condition, patience=PATIENCE):
        """As wait_for, but the end of the program ends it too."""
        def check():
            if self.process.poll() is not None:
                raise AssertionError(f"interval ended with {self.process.returncode} while waiting for {what}")
            return condition()
        return wait_for(what, check, patience)

    def find(self, patience=PATIENCE, **which):
        return self.wait(str(which), lambda: self.look(**which), patience)

    def all(self, role, root=None):
        return [node for node in walk(root or self.root) if role_of(node) == role and is_showing(node)]

    def says(self, part):
        """A label that shows and holds part."""
        return next((node for node in walk(self.root)
                     if role_of(node) == "label" and part in text_of(node) and is_showing(node)), None)

    @staticmethod
    def press(node):
        assert node.get_action_iface() is not None, f"{name_of(node)} cannot be pressed"
        assert Atspi.Action.do_action(node.get_action_iface(), 0), f"pressing {name_of(node)} did nothing"

    @staticmethod
    def click(node, button=1):
        """For what has no action of its own, such as a row of a list. The window lies at the origin of its display,
        which has no window manager."""
        extents = Atspi.Component.get_extents(node.get_component_iface(), Atspi.CoordType.WINDOW)
        subprocess.run(["xdotool", "mousemove", str(extents.x + extents.width // 2),
                        str(extents.y + extents.height // 2), "click", str(button)], check=True)

    @staticmethod
    def scroll(at, steps):
        """With the wheel: down when steps > 0."""
        subprocess.run(["xdotool", "mousemove", *map(str, at), "click", "--repeat", str(abs(steps)),
                        "5" if steps > 0 else "4", "sleep", "0.3"], check=True)

    @staticmethod
    def drag(start, end):
        """With the first button, in steps that a toolkit takes for a hand's."""
        def point(at):
            return [str(round(a + (b - a) * at)) for a, b in zip(start, end)]
        subprocess.run(["xdotool", "mousemove", *point(0), "mousedown", "1"], check=True)
        for step in range(1, 21):
            subprocess.run(["xdotool", "mousemove", *point(step / 20), "sleep", "0.05"], check=True)
        subprocess.run(["xdotool", "sleep", "0.5", "mouseup", "1"], check=True)

    @staticmethod
    def key(name):
        subprocess.run(["xdotool", "key", name], check=True)

    @staticmethod
    def is_pressed(node):
        states = node.get_state_set()
        return states.contains(Atspi.StateType.PRESSED) or states.contains(Atspi.StateType.CHECKED)

    def kill(self):
        """As a crash would end it: nothing is told, nothing is put away."""
        self.process.kill()
        self.process.communicate()

    def close(self):
        """Ends the program as a user would end it; returns what it complained about."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            _, errors = self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            _, errors = self.process.communicate()
        return [line for line in errors.splitlines() if "CRITICAL" in line or "WARNING" in line]


class Tap:
    """Runs the steps of a scenario in order; after a failure the rest is not tried."""

    def __init__(self):
        self.count = 0
        self.failed = False

    def step(self, title, function):
        self.count += 1
        if self.failed:
            print(f"not ok {self.count} - {title} # not reached", flush=True)
            return
        start = time.monotonic()
        try:
            function()
        except (AssertionError, GLib.Error) as error:
            self.failed = True
            print(f"not ok {self.count} - {title}\n# {error}", flush=True)
            self.take_picture()
            return
        print(f"ok {self.count} - {title}\n# {time.monotonic() - start:.1f} s", flush=True)

    @staticmethod
    def take_picture():
        """What the display shows when a step fails, beside the build."""
        folder = os.environ.get("G_TEST_BUILDDIR")
        if folder:
            picture = os.path.join(folder, "window-failed.png")
            subprocess.run(["import", "-window", "root", picture], check=False)
            print(f"# see {picture}", flush=True)

    def finish(self):
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed else 0
