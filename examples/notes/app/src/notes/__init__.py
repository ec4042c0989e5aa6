"""Short notes in one SQLite file, shown as a page and as JSON."""

from importlib.metadata import version

__version__ = version("notes")
