"""A generic BPMN engine: it runs diagrams, keeps their history and knows no award word."""
