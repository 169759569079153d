"""A simulated exchange on loopback: a model of order flow behind a real websocket server.

`server.Exchange` runs it in this process, `process.spawn` in a child. Nothing is imported here:
the start of the screen must not pay for a server that lives in another process.
"""
