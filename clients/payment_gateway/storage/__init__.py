"""The payment gateway's PostgreSQL: orders, and what their bodies have yet to be told."""
