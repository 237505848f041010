"""Pure verification: who may ask what for which procedure, how it is judged, what the receipt says."""
