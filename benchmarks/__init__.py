"""Measure the provider against its peer: CPU per request of the server process, requests per second, latency, memory.

Both run in the same session on the same machine, one process each, pinned to one core; the load comes from the other
core. Nothing here is a test: noise is reported, never asserted.
"""
