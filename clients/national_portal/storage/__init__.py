"""What the national portal keeps beside the tables of every portal."""
