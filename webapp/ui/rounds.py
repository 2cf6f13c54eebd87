"""Đợt xét khen thưởng: campaigns with their bases, milestones, criteria and guidance, and their rounds."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from engine.db import reading
from engine.errors import NotFoundError
from webapp import current
from webapp.security import STAFF, allowed
from webapp.ui.step_forms import actions_of
from workflows.campaigns import queries as campaigns
from workflows.documents import queries as documents

bp = Blueprint("rounds", __name__, url_prefix="/rounds")


@bp.get("")
@allowed(STAFF)
def index() -> ResponseReturnValue:
    """List the rounds, open ones first, and the campaigns they belong to."""
    on = current.business_today()
    with reading(current.sessions()) as reader:
        found = campaigns.list_rounds(reader)
        open_keys = {row.key for row in campaigns.open_rounds(reader, on)}
        rows = sorted(found, key=lambda row: row.key not in open_keys)
        return render_template(
            "rounds/index.html",
            rounds=rows,
            open_keys=open_keys,
            campaigns=campaigns.list_campaigns(reader),
            actions=actions_of("campaigns"),
        )


@bp.get("/campaigns/<string:key>")
@allowed(STAFF)
def campaign(key: str) -> ResponseReturnValue:
    """Show a campaign with all that belongs to it."""
    with reading(current.sessions()) as reader:
        view = campaigns.campaign_view(reader, key)
        if view is None:
            raise NotFoundError("no such campaign", key=key)
        letters = {letter.guidance_id: documents.documents_of(reader, letter.guidance_id) for letter in view.guidance}
        open_keys = {row.key for row in campaigns.open_rounds(reader, current.business_today())}
        return render_template(
            "rounds/campaign.html", view=view, letters=letters, open_keys=open_keys, actions=actions_of("campaigns")
        )
