"""The trained models that trials start from: found by name, checked and copied by the driver."""
