"""Short-lived state in Redis: one line that pipelines by itself, one Lua script per write kind."""
