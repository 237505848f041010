"""The national portal (Cổng Dịch vụ công quốc gia): the single front door, all dossiers, and who looked at me."""
