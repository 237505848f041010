"""The registry's HTTP interface: verifications, releases, access log, catalogue, references, documentation."""
