"""The organisation of the demonstration by date: the department to 30/6/2025, the body that follows it on 1/7/2025."""

from dataclasses import dataclass

from webapp.demo.office import Office, Report
from webapp.demo.people import ACCOUNTS, FICTITIOUS, STAFF, Account, Member

BEGIN, LAST, NEXT = "2019-01-01", "2025-06-30", "2025-07-01"
WINDING_UP = "2025-12-31"
"""Until then the heads of ended units may still finish what their units had begun."""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit of the demonstration; `mark` tells how sure it is, as RULES K has it."""

    key: str
    name: str
    short_name: str
    kind: str
    parent: str
    mark: str
    source: str
    legal_personality: bool = False


_DISTRICTS = (
    ("chi-cuc-tp-lang-son", "thành phố Lạng Sơn", "TP Lạng Sơn"), ("chi-cuc-bac-son", "huyện Bắc Sơn", "Bắc Sơn"),
    ("chi-cuc-binh-gia", "huyện Bình Gia", "Bình Gia"), ("chi-cuc-cao-loc", "huyện Cao Lộc", "Cao Lộc"),
    ("chi-cuc-chi-lang", "huyện Chi Lăng", "Chi Lăng"), ("chi-cuc-dinh-lap", "huyện Đình Lập", "Đình Lập"),
    ("chi-cuc-huu-lung", "huyện Hữu Lũng", "Hữu Lũng"), ("chi-cuc-loc-binh", "huyện Lộc Bình", "Lộc Bình"),
    ("chi-cuc-trang-dinh", "huyện Tràng Định", "Tràng Định"), ("chi-cuc-van-lang", "huyện Văn Lãng", "Văn Lãng"),
    ("chi-cuc-van-quan", "huyện Văn Quan", "Văn Quan"),
)  # fmt: skip

UNITS: tuple[UnitRow, ...] = (
    UnitRow("tong-cuc", "Tổng cục Thi hành án dân sự", "Tổng cục THADS", "OUTSIDE", "", "T", "Kế hoạch, Nơi nhận"),
    UnitRow("cuc-thads", "Cục Thi hành án dân sự tỉnh Lạng Sơn", "Cục THADS", "AGENCY", "tong-cuc", "T",
            "Kế hoạch của Cục, 2019", legal_personality=True),
    UnitRow("van-phong", "Văn phòng", "Văn phòng", "OFFICE", "cuc-thads", "T", "Kế hoạch, mục IV.1"),
    UnitRow("phong-tccb", "Phòng Tổ chức cán bộ", "Phòng TCCB", "ROOM", "cuc-thads", "T", "Kế hoạch, mục IV.1"),
    UnitRow("phong-nghiep-vu", "Phòng Nghiệp vụ và tổ chức thi hành án dân sự", "Phòng Nghiệp vụ", "ROOM",
            "cuc-thads", "B", "QĐ 2785/QĐ-BTP năm 2012, chưa đối chiếu loại của Lạng Sơn"),
    UnitRow("phong-kiem-tra", "Phòng Kiểm tra, giải quyết khiếu nại, tố cáo", "Phòng Kiểm tra", "ROOM", "cuc-thads",
            "B", "QĐ 2785/QĐ-BTP năm 2012, chưa đối chiếu loại của Lạng Sơn"),
    *(UnitRow(key, f"Chi cục Thi hành án dân sự {place}", f"Chi cục {short}", "SUB_DEPARTMENT", "cuc-thads", "Q",
              "Danh mục các huyện, thành phố") for key, place, short in _DISTRICTS),
)  # fmt: skip

_REGIONS = {
    "khu-vuc-1": ("cctplangson", ("chi-cuc-tp-lang-son", "chi-cuc-cao-loc", "chi-cuc-van-quan")),
    "khu-vuc-2": ("cclocbinh", ("chi-cuc-loc-binh", "chi-cuc-dinh-lap")),
    "khu-vuc-3": ("cchuulung", ("chi-cuc-huu-lung", "chi-cuc-chi-lang")),
    "khu-vuc-4": ("ccbacson", ("chi-cuc-bac-son", "chi-cuc-binh-gia")),
    "khu-vuc-5": ("cctrangdinh", ("chi-cuc-trang-dinh", "chi-cuc-van-lang")),
}
"""Head and what each division takes over. How many there are in Lạng Sơn is not known: mark B."""

_ROOMS_AFTER = "QĐ 1898/QĐ-BTP ngày 25/6/2025 và hướng dẫn về các phòng; nhập trước theo đề án"

UNITS_AFTER: tuple[UnitRow, ...] = (
    UnitRow("cuc-quan-ly", "Cục Quản lý Thi hành án dân sự", "Cục Quản lý THADS", "OUTSIDE", "", "Q", _ROOMS_AFTER),
    UnitRow("thads-tinh", "Thi hành án dân sự tỉnh Lạng Sơn", "THADS tỉnh", "AGENCY", "cuc-quan-ly", "Q", _ROOMS_AFTER,
            legal_personality=True),
    UnitRow("van-phong", "Văn phòng", "Văn phòng", "OFFICE", "thads-tinh", "Q", _ROOMS_AFTER),
    UnitRow("phong-tccb", "Phòng Tổ chức cán bộ", "Phòng TCCB", "ROOM", "thads-tinh", "Q", _ROOMS_AFTER),
    UnitRow("phong-nghiep-vu", "Phòng Nghiệp vụ thi hành án", "Phòng Nghiệp vụ", "ROOM", "thads-tinh", "Q",
            _ROOMS_AFTER),
    UnitRow("phong-kiem-tra", "Phòng Kiểm tra, giải quyết khiếu nại, tố cáo", "Phòng Kiểm tra", "ROOM", "thads-tinh",
            "Q", _ROOMS_AFTER),
    UnitRow("phong-tai-chinh", "Phòng Tài chính - Kế toán", "Phòng Tài chính", "ROOM", "thads-tinh", "Q", _ROOMS_AFTER),
    *(UnitRow(key, f"Phòng Thi hành án dân sự khu vực {key[-1]} - Lạng Sơn", f"THADS khu vực {key[-1]}",
              "REGIONAL_DIVISION", "thads-tinh", "B", "Số phòng khu vực của Lạng Sơn chưa kiểm chứng")
      for key in _REGIONS),
)  # fmt: skip

_TITLES_AFTER = {
    "Cục trưởng": "Trưởng Thi hành án dân sự tỉnh", "Phó Cục trưởng": "Phó Trưởng Thi hành án dân sự tỉnh",
    "Trưởng phòng Nghiệp vụ và tổ chức thi hành án": "Trưởng phòng Nghiệp vụ thi hành án",
    "Phó Trưởng phòng Nghiệp vụ và tổ chức thi hành án": "Phó Trưởng phòng Nghiệp vụ thi hành án",
    "Phó Chi cục trưởng": "Chấp hành viên trung cấp",
}  # fmt: skip
EVERYBODY: tuple[Account | Member, ...] = (*ACCOUNTS, *STAFF)
_MANAGING = ("Phó", "Trưởng", "Chánh", "Chi cục trưởng", "Cục trưởng")


def build_organisation(office: Office, report: Report) -> None:
    """Add units, people, posts and roles as they are to 30/6/2025; the system makes the first administrator."""
    for position, row in enumerate(UNITS):
        _add_unit(office, row, position, BEGIN)
    for done, person in enumerate(EVERYBODY, start=1):
        _add_person(office, person)
        leading = isinstance(person, Account) and person.leading
        _take_post(office, person, person.unit, person.post, BEGIN, leading=leading)
        report("people", done, len(EVERYBODY))
    for account in ACCOUNTS:
        for role in account.roles:
            _grant(office, account.username, role, account.unit if role == "unit_head" else "", BEGIN)
    office.administrator = "admin"
    office.forget_actors()


def reorganise(office: Office) -> None:
    """Enter the reorganisation of 1/7/2025: the old body ends with its parts, everybody gets a place in the new one.

    Heads of ended units keep their role for them until the end of the year, to finish what is open.
    """
    for key in ("cuc-thads", "tong-cuc"):
        office.act(office.administrator, "organisation.end_unit", unit_id=office.units[key], valid_to=LAST)
    ended = dict(office.units)
    for position, row in enumerate(UNITS_AFTER):
        _add_unit(office, row, 100 + position, NEXT)
    for person in EVERYBODY:
        unit, post, leading = _place_after(person)
        _take_post(office, person, unit, post, NEXT, leading=leading)
        if leading and "unit_head" in getattr(person, "roles", ()):
            _grant(office, _key(person), "unit_head", unit, NEXT)
    for account in ACCOUNTS:
        if "unit_head" in account.roles:
            grant = office.grants[account.username, "unit_head", ended[account.unit]]
            office.act(office.administrator, "organisation.end_role", grant_id=grant, valid_to=WINDING_UP)


def _place_after(person: Account | Member) -> tuple[str, str, bool]:
    """Return unit, post and whether it leads, from 1/7/2025 on."""
    title = _TITLES_AFTER.get(person.post, person.post)
    leading = isinstance(person, Account) and person.leading
    if person.unit == "cuc-thads":
        return "thads-tinh", title, leading
    for key, (head, districts) in _REGIONS.items():
        if person.unit in districts:
            if _key(person) == head:
                return key, f"Trưởng phòng Thi hành án dân sự khu vực {key[-1]}", True
            return key, ("Phó Trưởng phòng" if leading else title), False
    if person.post == "Kế toán":
        return "phong-tai-chinh", title, False
    return person.unit, title, leading


def _key(person: Account | Member) -> str:
    return person.username if isinstance(person, Account) else person.key


def _add_unit(office: Office, row: UnitRow, position: int, since: str) -> None:
    parent = {"parent_id": office.units[row.parent]} if row.parent else {}
    made = office.act(
        office.administrator, "organisation.add_unit", key=row.key, name=row.name, short_name=row.short_name,
        kind=row.kind, position=position, legal_personality=row.legal_personality, valid_from=since, mark=row.mark,
        source=row.source, **parent,
    )  # fmt: skip
    office.units[row.key] = str(made["unit_id"])
    office.unit_names[row.key] = row.name


def _add_person(office: Office, person: Account | Member) -> None:
    family, *middle, given = person.name.split()
    employee = isinstance(person, Member) and person.employee
    made = office.act(
        office.administrator, "organisation.add_person", family_name=family, middle_name=" ".join(middle),
        given_name=given,
        birth_year=person.born, gender="FEMALE" if person.female else "MALE",
        person_type="EMPLOYEE" if employee else "CIVIL_SERVANT",
    )  # fmt: skip
    office.people[_key(person)] = str(made["person_id"])


def _take_post(office: Office, person: Account | Member, unit: str, title: str, since: str, *, leading: bool) -> None:
    unit_id = office.units[unit]
    post_id = office.posts.get((unit_id, title))
    if post_id is None:
        managing = leading or title.startswith(_MANAGING)
        made = office.act(office.administrator, "organisation.add_post", unit_id=unit_id, title=title, leading=leading,
                          managing=managing, valid_from=since)  # fmt: skip
        post_id = office.posts[unit_id, title] = str(made["post_id"])
    office.act(office.administrator, "organisation.hold_post", person_id=office.people[_key(person)], post_id=post_id,
               valid_from=since, document=FICTITIOUS)  # fmt: skip


def _grant(office: Office, who: str, role: str, unit: str, since: str) -> None:
    unit_id = office.units[unit] if unit else ""
    scope = {"unit_id": unit_id} if unit else {}
    made = office.act(office.administrator, "organisation.grant_role", person_id=office.people[who], role=role,
                      valid_from=since, document=FICTITIOUS, **scope)  # fmt: skip
    office.grants[who, role, unit_id] = str(made["grant_id"])
