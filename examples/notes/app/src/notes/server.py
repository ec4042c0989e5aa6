"""notes-server: serves the application."""

import argparse
import configparser
import signal
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

from notes import __version__
from notes.store import NoteStore
from notes.web import NotesApplication


class ThreadingServer(ThreadingMixIn, WSGIServer):
    """One thread a request."""

    daemon_threads = True


def settings(arguments):
    """The command line over the configuration file over the defaults."""
    parser = argparse.ArgumentParser(prog="notes-server", description="Serves notes over HTTP.")
    parser.add_argument("--config", help="configuration file with a [server] section")
    parser.add_argument("--host", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (8480)")
    parser.add_argument("--database", help="SQLite file (notes.db)")
    parser.add_argument("--version", action="version", version=__version__)
    given = parser.parse_args(arguments)
    config = configparser.ConfigParser()
    config.read_dict({"server": {"host": "127.0.0.1", "port": "8480", "database": "notes.db"}})
    if given.config:
        with open(given.config, encoding="utf-8") as file:
            config.read_file(file)
    server = config["server"]
    return (
        given.host or server["host"],
        given.port if given.port is not None else server.getint("port"),
        given.database or server["database"],
    )


def main(arguments=None):
    """Runs until SIGTERM or SIGINT."""
    host, port, database = settings(arguments)
    application = NotesApplication(NoteStore(database))
    with make_server(host, port, application, server_class=ThreadingServer) as server:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print(f"notes {__version__} on http://{host}:{server.server_port}/", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
    return 0
