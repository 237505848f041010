"""The residence portal (Cổng Cư trú): registering temporary residence online."""
