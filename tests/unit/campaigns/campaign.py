"""A campaign to try things on."""

from dataclasses import dataclass
from typing import Any

from engine.context import Actor
from tests.office import Office

OFFICER = Actor("officer", frozenset({"staff", "personnel_officer"}))
DIRECTOR = Actor("director", frozenset({"staff", "director"}))
CHAIR = Actor("chair", frozenset({"staff", "council_chair"}))
STAFF = Actor("staff", frozenset({"staff"}))

CAMPAIGN = {
    "key": "van-hoa-cong-so", "title": "Thi đua thực hiện văn hóa công sở", "goal": "Chuẩn mực, chuyên nghiệp",
    "scope": "Toàn cơ quan", "participants": "Công chức, người lao động", "content": "Năm nhóm tiêu chí",
    "measures": "Đôn đốc, kiểm tra", "launch_number": "77/PĐ-CTHADS", "launched_on": "2019-08-22",
    "valid_from": "2019-01-01", "valid_to": "2025-12-31", "launched_by_ministry": True,
}  # fmt: skip
ROUND = {
    "key": "2025-TK", "kind": "INTERIM", "title": "Đợt xét", "opened_on": "2025-05-05", "filing_deadline": "2025-05-30",
    "period_from": "2019-08-22", "period_to": "2025-05-31",
}  # fmt: skip


def a_campaign(office: Office, **values: Any) -> str:
    return str(office.act(OFFICER, "campaigns.create_campaign", **{**CAMPAIGN, **values})["campaign_id"])


@dataclass
class CampaignOffice:
    """An office, its campaign and one unit."""

    office: Office
    campaign_id: str
    unit_id: str

    def letter(self, **values: Any) -> str:
        """Publish a guidance letter; return its id."""
        given = {"number": "215/HD-CTHADS", "issued_on": "2025-05-02", "title": "Hướng dẫn", **values}
        given.setdefault("file_sha256", self.office.file("guidance"))
        made = self.office.act(OFFICER, "campaigns.publish_guidance", campaign_id=self.campaign_id, **given)
        return str(made["guidance_id"])

    def round(self, **values: Any) -> str:
        """Open a round; return its id."""
        given = {**ROUND, "campaign_id": self.campaign_id, **values}
        return str(self.office.act(OFFICER, "campaigns.open_round", **given)["round_id"])
