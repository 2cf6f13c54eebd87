"""The award domain: rooms of facts, rules and steps over the engine."""
