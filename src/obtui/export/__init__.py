"""Recordings in the formats of other programs: one file per format, `formats` their registry.

Every format is made from frames, by the same session that a live market goes through. Nothing here
opens a recording, asks for a time, or knows what the user typed.
"""
