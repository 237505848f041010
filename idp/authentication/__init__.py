"""How a person proves who they are: pure rules, one small module each, and the bounded pool that hashes passwords.

A page reads an answer, loads facts, asks a rule here and commits what it decides; nothing here does I/O except
:mod:`idp.authentication.pool`, which runs argon2id on its own threads.
"""
