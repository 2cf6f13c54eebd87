"""Fills the demonstration: adds people and lets them work, all through the doors."""

from webapp.demo.changes import approve, propose_deadline, propose_diagram
from webapp.demo.office import Office, Report
from webapp.demo.organisation import build_organisation
from webapp.demo.papers import PrintRoom
from webapp.demo.rounds import at, play_final_round, play_interim_round
from webapp.demo.stories import load_stories
from webapp.demo.walk import Walk

SEED = 733
"""Of ids and shuffles: the same code builds the same demonstration, but for the salts of passwords."""

BEGINS_AT = at(2022, 9, 1)
"""When the product came into use: what was before is entered as records with their own dates."""

STANDS_AT = at(2025, 6, 16)
"""Where the business clock stands when the demonstration is built; from then on it runs."""


def build(office: Office, room: PrintRoom, report: Report) -> None:
    """Build organisation, campaign and cases; the office's clock stands at `BEGINS_AT` and ends at `STANDS_AT`."""
    build_organisation(office, report)
    stories = load_stories()
    interim = [story for story in stories if story.round == "2022-SK"]
    final = [story for story in stories if story.round == "2025-TK"]
    campaign_id = play_interim_round(Walk(office, room), interim, report)
    office.jump_to(at(2025, 4, 24))
    deadline = propose_deadline(office)
    office.stand_at(at(2025, 4, 25))
    approve(office, deadline)
    play_final_round(Walk(office, room), final, campaign_id, report)
    office.stand_at(at(2025, 6, 13))
    propose_diagram(office)
    office.stand_at(STANDS_AT)
