"""What several tests lean on: wire frames, a scripted loopback venue, waiting on a condition."""
