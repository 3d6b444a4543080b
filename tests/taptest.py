"""Runs the unittest cases of the calling script and prints them as TAP.
Copyright 2026 The Interval developers
SPDX-License-Identifier: GPL-3.0-or-later"""
import os
import sys
import unittest


class Tap(unittest.TextTestResult):
    number = 0

    def line(self, ok, test, why=""):
        Tap.number += 1
        print(f"{'ok' if ok else 'not ok'} {Tap.number} - {test.id().split('.', 1)[1]}")
        for text in why.split("\n") if why else []:
            print(f"# {text}")

    def addSuccess(self, test):
        self.line(True, test)

    def addError(self, test, err):
        super().addError(test, err)
        self.line(False, test, self.errors[-1][1])

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.line(False, test, self.failures[-1][1])


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    print(f"1..{suite.countTestCases()}")
    with open(os.devnull, "w", encoding="utf-8") as quiet:
        result = unittest.TextTestRunner(resultclass=Tap, stream=quiet).run(suite)
    sys.exit(0 if result.wasSuccessful() else 1)
