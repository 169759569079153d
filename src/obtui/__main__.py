"""`python -m obtui`."""

from obtui.cli import entry

entry()
