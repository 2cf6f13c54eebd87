"""What the head of the agency decides, the signed decisions, their numbers, papers and the honours they give."""
