"""A window at the display's right edge from which the named files can be dragged.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import subprocess
import sys

import gi

gi.require_version("Gtk", "4.0")
gi.require_version("Gdk", "4.0")
from gi.repository import Gdk, Gio, GLib, Gtk  # noqa: E402

uris = "".join(Gio.File.new_for_path(path).get_uri() + "\r\n" for path in sys.argv[1:])


def tell():
    subprocess.run(["xdotool", "search", "--name", "Drag From Here", "windowmove", "1450", "450"], check=True)
    print("ready", flush=True)
    return GLib.SOURCE_REMOVE


Gtk.init()
window = Gtk.Window(title="Drag From Here", decorated=False, default_width=100, default_height=100)
drag = Gtk.DragSource(actions=Gdk.DragAction.COPY)
drag.connect("prepare", lambda *_: Gdk.ContentProvider.new_for_bytes("text/uri-list", GLib.Bytes.new(uris.encode())))
window.add_controller(drag)
window.present()
GLib.timeout_add(500, tell)
GLib.MainLoop().run()
