"""Each command, imported when it runs: no other pays for what it needs."""
