"""The screen on its way to the terminal: only the cells that changed, and never late.

`canvas` holds what is wanted and what is shown, and makes of the difference the fewest bytes, with
`pens` and `moves`; `governor` says when the next may be sent. None of them knows Textual; `seam`
does, and nothing else here.
"""
