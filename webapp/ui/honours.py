"""Tôn vinh: who holds an award of this body or of the Minister, open to everybody who works here."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.db import reading
from webapp import current
from webapp.security import STAFF, allowed
from workflows.campaigns import queries as campaigns
from workflows.decisions import queries
from workflows.nominations.models import AwardForm
from workflows.organisation import queries as organisation

bp = Blueprint("honours", __name__, url_prefix="/honours")


@bp.get("")
@allowed(STAFF)
def index() -> ResponseReturnValue:
    """List awards in force, newest first; the filters stand in the address."""
    chosen = {name: request.args.get(name, "") for name in ("q", "round", "unit", "form", "year")}
    year = int(chosen["year"]) if chosen["year"].isdecimal() and len(chosen["year"]) == 4 else None
    form = chosen["form"] if chosen["form"] in {one.value for one in AwardForm} else ""
    with reading(current.sessions()) as reader:
        found = queries.honours(
            reader, round_key=chosen["round"], unit_id=chosen["unit"], form=form, year=year, text=chosen["q"][:200]
        )
        return render_template(
            "honours/index.html",
            honours=found,
            chosen=chosen,
            filtered=any(chosen.values()),
            forms=list(AwardForm),
            rounds=campaigns.list_rounds(reader),
            units=organisation.units_on(reader, current.business_today()),
        )
