"""What the counter keeps beside every portal's tables."""
