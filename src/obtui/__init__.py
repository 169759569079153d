"""obtui: a live order book in a terminal, checked, and recorded while it is shown."""

# Written here, not asked of importlib.metadata: that costs 30 ms at every start.
__version__ = "0.1.0"
