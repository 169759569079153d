"""Recordings: what is written while the market is watched, so that nothing is lost unsaid.

`writer` is the thread that owns a file, `files` the file itself, `status` how that stands, and
`books` the lines that say what the book was. None of them reads a socket, decodes a venue or draws.
"""
