"""A portal's own PostgreSQL database: its sessions, drafts and dossiers."""
