"""The campaign of the seed plan (`campaign.toml`), its guidance letters and rounds."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from webapp.demo.office import Office
from webapp.demo.papers import Paper, PrintRoom

PLAN: dict[str, Any] = tomllib.loads(Path(__file__).with_name("campaign.toml").read_text(encoding="utf-8"))
INTERIM_ROUND, FINAL_ROUND = "2022-SK", "2025-TK"


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round with its guidance letter."""

    key: str
    kind: str
    title: str
    letter: str
    letter_on: date
    opened_on: date
    deadline: date
    period: tuple[date, date]


INTERIM = RoundRow(
    INTERIM_ROUND, "INTERIM", "Sơ kết phong trào thi đua thực hiện văn hóa công sở, năm 2022", "412/HD-CTHADS",
    date(2022, 9, 5), date(2022, 9, 6), date(2022, 10, 14), (date(2019, 8, 22), date(2022, 8, 31)),
)  # fmt: skip
FINAL = RoundRow(
    FINAL_ROUND, "FINAL", "Tổng kết phong trào thi đua thực hiện văn hóa công sở, giai đoạn 2019-2025",
    "215/HD-CTHADS", date(2025, 4, 28), date(2025, 5, 5), date(2025, 6, 27), (date(2019, 8, 22), date(2025, 5, 31)),
)  # fmt: skip


def build_campaign(office: Office) -> str:
    """Record the campaign with all that belongs to it; return its id."""
    campaign_id = str(office.act("tccb", "campaigns.create_campaign", **PLAN["campaign"])["campaign_id"])
    for position, row in enumerate(PLAN["legal_basis"], start=1):
        office.act("tccb", "campaigns.add_legal_basis", campaign_id=campaign_id, position=position, **row)
    for row in PLAN["milestone"]:
        office.act("tccb", "campaigns.add_milestone", campaign_id=campaign_id, **row)
    for position, row in enumerate(PLAN["criteria_group"], start=1):
        office.act("tccb", "campaigns.add_criteria_group", campaign_id=campaign_id, position=position, **row)
    return campaign_id


def publish_letter(office: Office, room: PrintRoom, campaign_id: str, row: RoundRow) -> str:
    """Publish the guidance letter of a round; return its id."""
    sha256 = room.file(Paper(
        above="Tổng cục Thi hành án dân sự", issuer="Cục Thi hành án dân sự tỉnh Lạng Sơn", number=row.letter,
        on=row.letter_on, kind="Hướng dẫn", title=f"Xét khen thưởng: {row.title}",
        paragraphs=_letter_text(row), signer_title="Cục trưởng", signer="Hoàng Quốc Tường",
    ))  # fmt: skip
    made = office.act("cuctruong", "campaigns.publish_guidance", campaign_id=campaign_id, number=row.letter,
                      issued_on=row.letter_on.isoformat(), title=f"Hướng dẫn xét khen thưởng: {row.title}",
                      file_sha256=sha256, file_name=f"Hướng dẫn {row.key}.pdf")  # fmt: skip
    return str(made["guidance_id"])


def _letter_text(row: RoundRow) -> list[str]:
    first, last = (f"{day:%d/%m/%Y}" for day in row.period)
    return [text.format(first=first, last=last, deadline=f"{row.deadline:%d/%m/%Y}")
            for text in PLAN["letter"]["paragraphs"]]  # fmt: skip


def open_round(office: Office, campaign_id: str, guidance_id: str, row: RoundRow) -> None:
    """Open a round."""
    office.act("tccb", "campaigns.open_round", key=row.key, campaign_id=campaign_id, kind=row.kind, title=row.title,
               guidance_id=guidance_id, opened_on=row.opened_on.isoformat(), filing_deadline=row.deadline.isoformat(),
               period_from=row.period[0].isoformat(), period_to=row.period[1].isoformat())  # fmt: skip
