"""A portal's own PostgreSQL database: its sessions, dossiers and news to send."""
