"""Batches: many rows under one purpose, worked by many processes, each row answered by the rule of one question.

asking (what may be ordered) → decoding, rows (bytes to typed rows) → intake (COPY, budgets, pieces) → chunks
(answers and access log, one transaction a piece) → finishing (digests, signed summary) → erasing. `faults` names what
can be wrong, `jobs` keeps the job, `results` writes the files, `working` is the loop of a worker.
"""
