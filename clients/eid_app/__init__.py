"""The e-ID app: an installable web page that holds a device key, approves by it, and shows what waits."""
