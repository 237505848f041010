"""Events out: what the registry tells those who subscribed, as signed Security Event Tokens pushed to them.

`tokens` what is said (pure), `retrying` when it is said again (pure), `delivering` the worker, `synchronised`
what the national portal is told of dossiers. The rows are
`storage/outbox`: written with the act itself, so no event is lost and none is told of an act that was undone.
"""
