"""Prints what a screen reader can read of the window, through the accessibility bus: a line
of JSON for each thing, with its role, name and whether it has the focus."""

import json
import sys
import time

import pyatspi


def read(thing):
    states = thing.getState()
    print(json.dumps({
        "role": thing.getRoleName(),
        "name": thing.name,
        "focused": states.contains(pyatspi.STATE_FOCUSED),
        "pressed": states.contains(pyatspi.STATE_PRESSED),
    }))
    for child in thing:
        if child:
            read(child)


def window():
    for application in pyatspi.Registry.getDesktop(0):
        if application and application.name == "pagesieve" and application.childCount:
            return application
    return None


for _ in range(60):
    found = window()
    if found:
        read(found)
        sys.exit(0)
    time.sleep(0.5)
sys.exit("no window on the accessibility bus")
