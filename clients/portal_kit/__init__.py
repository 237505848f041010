"""What every portal shares: sign-in, dossiers, the registry's questions."""
