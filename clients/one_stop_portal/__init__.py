"""The one-stop counter (bộ phận một cửa): staff receive people and file for them; parents file for children."""
