"""The only package that imports SpiffWorkflow: parser, tasks, workflow, codec. It moves tokens, never a session."""
