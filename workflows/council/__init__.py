"""The council: its composition, sittings, lines, ballots open and secret, counts and minutes."""
