"""The insurance portal (Cổng Bảo hiểm xã hội): health insurance for a whole household."""
