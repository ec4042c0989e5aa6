"""notes: talks to a notes-server."""

import argparse
import json
import sys
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from notes import __version__


def main(arguments=None):
    """Runs one command and returns its exit code."""
    parser = argparse.ArgumentParser(prog="notes", description="Short notes on a notes-server.")
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--server", default="http://127.0.0.1:8480", help="address of the server (%(default)s)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="shows all notes")
    commands.add_parser("add", help="keeps a note").add_argument("text")
    given = parser.parse_args(arguments)
    url = given.server.rstrip("/") + "/api/notes"
    try:
        if given.command == "add":
            with urlopen(url, data=urlencode({"text": given.text}).encode(), timeout=10) as answer:
                print(json.load(answer)["id"])
        else:
            with urlopen(url, timeout=10) as answer:
                for note in json.load(answer):
                    print(f"{note['id']:4}  {note['text']}")
    except URLError as error:
        print(f"notes: {given.server}: {error.reason}", file=sys.stderr)
        return 1
    return 0
