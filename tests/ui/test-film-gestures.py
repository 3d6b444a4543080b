#!/usr/bin/python3
# Works the films with a real pointer and real keys and reads the result as a screen reader would.
# Copyright 2026 The Interval developers
# SPDX-License-Identifier: GPL-3.0-or-later

"""usage: test-film-gestures.py FILM-BENCH, on a display of its own (in-xvfb.sh)"""

import re
import subprocess
import sys
import time

try:
    import gi
    gi.require_version('Atspi', '2.0')
    from gi.repository import Atspi
    subprocess.run(['xdotool', 'version'], check=True, stdout=subprocess.DEVNULL)
except (ImportError, ValueError, OSError) as error:
    print(f'1..0 # SKIP {error}')
    sys.exit(0)

WIDTH, HEIGHT = 1200, 700
count = 0


def ok(is_true, what, seen=''):
    global count
    count += 1
    print(f"{'ok' if is_true else 'not ok'} {count} - {what}")
    if not is_true:
        print(f'# seen: {seen}')


def walk(node, depth=0):
    yield node
    if depth < 12:
        for i in range(node.get_child_count()):
            child = node.get_child_at_index(i)
            if child is not None:
                yield from walk(child, depth + 1)


def find_film(start, seconds=20):
    end = time.time() + seconds
    while time.time() < end:
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            app = desktop.get_child_at_index(i)
            for node in walk(app) if app is not None else []:
                if node.get_role() == Atspi.Role.IMAGE and (node.get_name() or '').startswith(start):
                    return node
        time.sleep(0.1)
    return None


def xdo(*words):
    subprocess.run(['xdotool', *map(str, words)], check=True)


def drag(button, start, end, key=None):
    if key:
        xdo('keydown', key)
    xdo('mousemove', *start, 'mousedown', button)
    for step in range(1, 9):
        xdo('mousemove', *(round(a + (b - a) * step / 8) for a, b in zip(start, end)))
        time.sleep(0.02)
    xdo('mouseup', button)
    if key:
        xdo('keyup', key)


def read(film):
    """Zoom, width, centre, inverted, selected change; None before there is a description."""
    film.clear_cache()
    match = re.match(r'Zoom (\d+) %, window width (-?\d+), centre (-?\d+)(, inverted)?'
                     r'.*?(?: Selected: (.*))?$', film.get_description() or '')
    return match and (int(match[1]), int(match[2]), int(match[3]), bool(match[4]), match[5] or '')


def settled(film, seconds=6):
    """The reading once it has stayed the same for half a second."""
    end = time.time() + seconds
    last, since = read(film), time.time()
    while time.time() < end and (last is None or time.time() - since < 0.5):
        time.sleep(0.1)
        now = read(film)
        if now != last:
            last, since = now, time.time()
    return last


def expect(what, is_true, *films, seconds=10):
    """Waits until is_true (reading, ...) holds; a loaded machine only takes longer."""
    end = time.time() + seconds
    while True:
        seen = [read(film) for film in films]
        if all(seen) and is_true(*seen):
            ok(True, what)
            return
        if time.time() > end:
            ok(False, what, seen)
            return
        time.sleep(0.1)


def main():
    bench = subprocess.Popen([sys.argv[1], '--changes', f'--width={WIDTH}', f'--height={HEIGHT}'])
    try:
        current, prior = find_film('Current film'), find_film('Prior film')
        ok(current is not None and prior is not None, 'both films are on the bus')
        if current is not None and prior is not None:
            run(current, prior)
    finally:
        bench.terminate()
        bench.wait(10)
    print(f'1..{count}')


def run(current, prior):
    x, y = WIDTH * 3 // 4, HEIGHT // 2
    zoom, width, _, _, _ = settled(current)

    drag(1, (x, y), (x + 120, y))
    expect('a drag to the right widens the window', lambda c: c[1] > width * 1.2, current)
    _, wide, center, _, _ = settled(current)
    expect('the prior follows', lambda p: abs(p[1] - wide) <= 2, prior)

    drag(1, (x, y), (x, y - 80))
    expect('a drag upwards lowers the centre and leaves the width',
           lambda c: c[2] < center and abs(c[1] - wide) <= 2, current)

    xdo('mousemove', x, y, 'click', 4, 'click', 4, 'click', 4)
    expect('the wheel enlarges, the prior keeps step',
           lambda c, p: c[0] > zoom * 1.3 and abs(c[0] - p[0]) <= 1, current, prior)

    before = settled(current)
    drag(2, (x, y), (x + 60, y + 40))
    ok(settled(current) == before, 'the middle button leaves zoom and window', before)

    xdo('key', 'f')
    expect('F fits', lambda c: c[0] == zoom, current)
    xdo('key', 'i')
    expect('I inverts both', lambda c, p: c[3] and p[3], current, prior)
    xdo('key', 'i')

    xdo('key', '6')
    expect('6 is the full range', lambda c: not c[3] and c[1] > width and c[1] != wide, current)
    full = settled(current)[1]
    drag(1, (x - 120, y - 20), (x - 90, y + 10), key='shift')
    expect('Shift and a drag set the window of a region', lambda c: c[1] < full, current)
    region = settled(current)
    xdo('key', '6')
    expect('6 goes back', lambda c: c[1] == full, current)
    xdo('key', 'r')
    drag(1, (x - 120, y - 20), (x - 90, y + 10))
    expect('R and a drag do the same', lambda c: c[1:3] == region[1:3], current)
    drag(1, (x, y), (x + 60, y))
    expect('the next drag windows again', lambda c: c[1] > region[1], current)

    # The middle of the made-up first change: 31 % and 60 % of a square film fitted into its half.
    xdo('mousemove', WIDTH // 2 + round(0.31 * WIDTH / 2),
        (HEIGHT - WIDTH // 2) // 2 + round(0.60 * WIDTH / 2), 'click', 1)
    expect('a click on a change selects it',
           lambda c: c[4].startswith('Increased opacity'), current)
    xdo('key', 'n')
    expect('N goes to the next one and brings it near',
           lambda c: c[4].startswith('Decreased opacity') and c[0] > zoom, current)
    xdo('key', 'f')
    expect('F fits again', lambda c: c[0] == zoom, current)

    xdo('key', 'l')
    xdo('mousemove', x, y, 'click', 4, 'click', 4)
    expect('L cuts the link', lambda c, p: c[0] > p[0] + 5, current, prior)
    xdo('key', 'l')
    expect('and joins it', lambda c, p: abs(c[0] - p[0]) <= 1, current, prior)


main()
