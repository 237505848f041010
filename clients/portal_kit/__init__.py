"""What every portal shares: sign-in, dossiers, the registry's questions, and news for the national portal."""
