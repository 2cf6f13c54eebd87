"""The demonstration: a fictitious staff in the real organisation, led through the real diagrams by the doors alone."""
