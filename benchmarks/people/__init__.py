"""Pages as people wait for them: every family on the demo's data, "who looked at me" with a million entries."""
