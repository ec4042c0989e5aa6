"""The WSGI application."""

import json
from urllib.parse import parse_qs

import markupsafe._speedups  # noqa: F401 - the C extension must load: it is what the package is built for
from jinja2 import Environment, PackageLoader, select_autoescape

from notes import __version__

MAX_BODY = 64 * 1024


class NotesApplication:
    """Shows notes as a page (``/``) and as JSON (``/api/notes``), takes new ones, and answers ``/health``."""

    def __init__(self, store):
        self._store = store
        self._page = Environment(loader=PackageLoader("notes"), autoescape=select_autoescape()).get_template("notes.html")

    def __call__(self, environ, start_response):
        status, kind, body = self._answer(environ)
        data = body.encode("utf-8")
        start_response(status, [("Content-Type", kind + "; charset=utf-8"), ("Content-Length", str(len(data)))])
        return [data]

    def _answer(self, environ):
        route = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/")
        if route == ("GET", "/"):
            return "200 OK", "text/html", self._page.render(notes=self._store.all(), version=__version__)
        if route == ("GET", "/health"):
            return "200 OK", "application/json", json.dumps({"status": "ok", "version": __version__})
        if route == ("GET", "/api/notes"):
            return "200 OK", "application/json", json.dumps([vars(note) for note in self._store.all()])
        if route == ("POST", "/api/notes"):
            return self._add(environ)
        return "404 Not Found", "text/plain", "There is nothing here.\n"

    def _add(self, environ):
        try:
            length = int(environ.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= MAX_BODY:
            return "413 Content Too Large", "text/plain", "A note has at most 64 KiB.\n"
        fields = parse_qs(environ["wsgi.input"].read(length).decode("utf-8", "replace"))
        text = fields.get("text", [""])[0].strip()
        if not text:
            return "400 Bad Request", "text/plain", "A note needs a text.\n"
        return "201 Created", "application/json", json.dumps(vars(self._store.add(text)))
