"""The whole country on one machine: engines, services, personas and the supervisor that runs them."""
