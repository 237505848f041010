"""What lasts, in PostgreSQL: clients, accounts, consents, the audit log and the two outboxes."""
