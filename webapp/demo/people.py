"""The people of the demonstration. Every person is fictitious; so is every award, comment and ballot.

The head who signed the seed plan is a real person and has no part here: the demonstration's director bears a name of
its own. Nobody's number of an identity paper, address or telephone is kept, here or in the product.
"""

from dataclasses import dataclass

PASSWORD = "thidua-demo"  # noqa: S105 - published on purpose; a start without demo mode refuses it

FICTITIOUS = "Nhân vật hư cấu của bản trình diễn"


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in.

    Attributes:
        username: the sign-in name; stories call the person by it.
        name: full name, family name first.
        title: the post, and where it is, as the start page lists it.
        unit: key of the unit (`organisation.UNITS`).
        post: title of the post in that unit.
        roles: role keys; a scoped one is held for `unit`.
        leading: heads the unit.
        female: for the form of address.
        born: year of birth.

    """

    username: str
    name: str
    title: str
    unit: str
    post: str
    roles: tuple[str, ...] = ()
    leading: bool = False
    female: bool = False
    born: int = 1975


_HEAD = ("unit_head",)

ACCOUNTS: tuple[Account, ...] = (
    Account("cuctruong", "Hoàng Quốc Tường", "Cục trưởng, Chủ tịch Hội đồng", "cuc-thads", "Cục trưởng",
            ("director", "council_chair", "council_member"), leading=True, born=1966),
    Account("phocuctruong", "Lương Thị Bích Đào", "Phó Cục trưởng, Phó Chủ tịch Hội đồng", "cuc-thads",
            "Phó Cục trưởng", ("council_member",), female=True, born=1971),
    Account("tccb", "Nông Thị Thanh Hải", "Trưởng phòng Tổ chức cán bộ, Thư ký Hội đồng", "phong-tccb",
            "Trưởng phòng Tổ chức cán bộ",
            ("personnel_officer", "council_secretary", "council_member", "unit_head"), leading=True, female=True,
            born=1974),
    Account("vanphong", "Triệu Đình Khoát", "Chánh Văn phòng, ủy viên Hội đồng", "van-phong", "Chánh Văn phòng",
            ("office_officer", "council_member", "unit_head"), leading=True, born=1972),
    Account("hd5", "Vi Văn Thuần", "Trưởng phòng Nghiệp vụ, ủy viên Hội đồng", "phong-nghiep-vu",
            "Trưởng phòng Nghiệp vụ và tổ chức thi hành án", ("council_member", "unit_head"), leading=True, born=1970),
    Account("hd6", "Bế Thị Minh Khuê", "Trưởng phòng Kiểm tra, ủy viên Hội đồng", "phong-kiem-tra",
            "Trưởng phòng Kiểm tra, giải quyết khiếu nại, tố cáo", ("council_member", "unit_head"), leading=True,
            female=True, born=1973),
    Account("hd7", "Lộc Quang Ấn", "Phó Cục trưởng, ủy viên Hội đồng", "cuc-thads", "Phó Cục trưởng",
            ("council_member",), born=1969),
    Account("hd8", "Hứa Thị Ngọc Diệp", "Chủ tịch Công đoàn, ủy viên Hội đồng", "phong-nghiep-vu",
            "Phó Trưởng phòng Nghiệp vụ và tổ chức thi hành án", ("council_member",), female=True, born=1978),
    Account("hd9", "Dương Công Lệnh", "Bí thư Chi đoàn, ủy viên Hội đồng", "van-phong", "Phó Chánh Văn phòng",
            ("council_member",), born=1988),
    Account("tccb2", "Mã Thị Hồng Vân", "Chuyên viên Phòng Tổ chức cán bộ", "phong-tccb", "Chuyên viên",
            ("personnel_officer",), female=True, born=1986),
    Account("vanthu", "Lý Thị Thu Sương", "Văn thư", "van-phong", "Văn thư viên", ("records_officer",), female=True,
            born=1984),
    Account("congchuc", "Phùng Minh Trí", "Chuyên viên Phòng Nghiệp vụ", "phong-nghiep-vu", "Chuyên viên", born=1990),
    Account("ccbacson", "Dương Thị Lan Hương", "Chi cục trưởng Bắc Sơn", "chi-cuc-bac-son", "Chi cục trưởng", _HEAD,
            leading=True, female=True, born=1976),
    Account("ccbinhgia", "Hoàng Văn Quyến", "Chi cục trưởng Bình Gia", "chi-cuc-binh-gia", "Chi cục trưởng", _HEAD,
            leading=True, born=1975),
    Account("cccaoloc", "Nông Đức Trọng", "Chi cục trưởng Cao Lộc", "chi-cuc-cao-loc", "Chi cục trưởng", _HEAD,
            leading=True, born=1970),
    Account("ccchilang", "Vi Thị Kim Oanh", "Chi cục trưởng Chi Lăng", "chi-cuc-chi-lang", "Chi cục trưởng", _HEAD,
            leading=True, female=True, born=1977),
    Account("ccdinhlap", "Trần Đức Lẫm", "Chi cục trưởng Đình Lập", "chi-cuc-dinh-lap", "Chi cục trưởng", _HEAD,
            leading=True, born=1979),
    Account("cchuulung", "Nguyễn Thị Tuyết Nhi", "Chi cục trưởng Hữu Lũng", "chi-cuc-huu-lung", "Chi cục trưởng",
            _HEAD, leading=True, female=True, born=1973),
    Account("cclocbinh", "Hoàng Thị Bảo Quyên", "Chi cục trưởng Lộc Bình", "chi-cuc-loc-binh", "Chi cục trưởng",
            _HEAD, leading=True, female=True, born=1978),
    Account("cctplangson", "Đặng Quang Chiểu", "Chi cục trưởng TP Lạng Sơn", "chi-cuc-tp-lang-son", "Chi cục trưởng",
            _HEAD, leading=True, born=1968),
    Account("cctrangdinh", "Bế Văn Khải", "Chi cục trưởng Tràng Định", "chi-cuc-trang-dinh", "Chi cục trưởng", _HEAD,
            leading=True, born=1974),
    Account("ccvanlang", "Lương Văn Phiên", "Chi cục trưởng Văn Lãng", "chi-cuc-van-lang", "Chi cục trưởng", _HEAD,
            leading=True, born=1972),
    Account("ccvanquan", "Triệu Thị Vui", "Chi cục trưởng Văn Quan", "chi-cuc-van-quan", "Chi cục trưởng", _HEAD,
            leading=True, female=True, born=1980),
    Account("kiemtoan", "Đàm Văn Chính", "Kiểm tra viên, kiểm toán nội bộ", "phong-kiem-tra", "Kiểm tra viên",
            ("auditor",), born=1983),
    Account("admin", "La Thế Kỷ", "Quản trị hệ thống", "van-phong", "Chuyên viên công nghệ thông tin",
            ("administrator",), born=1992),
    Account("admin2", "Hà Thị Diễm Hằng", "Quản trị hệ thống (người thứ hai)", "van-phong", "Chuyên viên văn phòng",
            ("administrator",), female=True, born=1989),
)  # fmt: skip
"""One account, one person; all open with `PASSWORD`, in demonstration mode only."""

COUNCIL = ("cuctruong", "phocuctruong", "tccb", "vanphong", "hd5", "hd6", "hd7", "hd8", "hd9")


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff without an account: somebody to nominate."""

    key: str
    name: str
    unit: str
    post: str
    female: bool
    employee: bool
    born: int


_POSTS = {
    "P": "Phó Chi cục trưởng", "C": "Chấp hành viên sơ cấp", "T": "Thẩm tra viên", "K": "Kế toán",
    "S": "Thư ký thi hành án", "V": "Chuyên viên", "L": "Lái xe", "B": "Bảo vệ", "G": "Tạp vụ",
}  # fmt: skip
_EMPLOYEES = frozenset("LBG")

_STAFF = """
chi-cuc-bac-son: Dương Văn Thắm P 1979; Hoàng Thị Mỵ C 1985; Nguyễn Thị Yến Chi K 1990; Bàn Văn Sáng B 1968
chi-cuc-binh-gia: Nông Thị Đượm P 1980; Lâm Văn Tiệp C 1983; Hà Thị Xoan S 1991; Lý Văn Páo L 1977
chi-cuc-cao-loc: Hoàng Văn Nhuận P 1976; Chu Thị Hoài Thu C 1987; Vi Văn Lập T 1982; Lương Thị Nhịnh K 1989
chi-cuc-chi-lang: Vi Đức Hoạt P 1978; Phùng Thị Thắng C 1984; Lăng Văn Chức C 1988; Mông Thị Dịu S 1993
chi-cuc-dinh-lap: Lã Văn Tuấn Anh P 1981; Trần Thị Lưu C 1986; Hoàng A Sìn S 1990; Nình Thị Múi G 1975
chi-cuc-huu-lung: Nguyễn Hữu Thuận P 1975; Đỗ Thị Ngân C 1983; Lê Văn Quảng C 1985; Phạm Thị Thùy Linh K 1992
chi-cuc-loc-binh: Hoàng Trung Kiên P 1977; Vy Thị Hằng Nga C 1986; Lộc Văn Coóng T 1980; Hứa Viết Xuân L 1974
chi-cuc-tp-lang-son: Nguyễn Xuân Bách P 1974; Đinh Thị Hạnh C 1982; Tô Văn Hiệu C 1984; Ngô Thị Thu Trà S 1991
chi-cuc-trang-dinh: Bế Thị Lụa P 1979; Nông Văn Chài C 1985; Đàm Thị Phượng T 1987; Chu Văn Nghị B 1970
chi-cuc-van-lang: Lương Đình Cấn P 1978; Hoàng Thị Bích Ngà C 1986; Lâm Thị Chuyên K 1988; Nông Ích Lịch S 1990
chi-cuc-van-quan: Hoàng Minh Thức P 1981; Triệu Thị Nhung C 1984; Lành Văn Bảy C 1989; Hà Văn Thiệp L 1976
van-phong: Nguyễn Thị Mai Xuân K 1985; Lý Văn Tấn L 1972; Hoàng Văn Đô B 1969; Trần Thị Bền G 1978
phong-tccb: Lê Thị Thanh Tú V 1987; Nông Văn Tứ V 1989; Vũ Thị Thoa V 1991; Hoàng Tiến Độ V 1984
phong-nghiep-vu: Đoàn Thị Khuyên T 1983; Ma Văn Bôn C 1981; Nguyễn Văn Tố C 1979; Lương Thị Nết S 1992
phong-kiem-tra: Phan Thị Chiêm T 1982; Trịnh Văn Lượng T 1980; Âu Thị Mến V 1990; Hoàng Thế Hiển V 1988
"""


def _staff() -> tuple[Member, ...]:
    found = []
    for line in _STAFF.strip().splitlines():
        unit, _, people = line.partition(": ")
        for entry in people.split("; "):
            *words, post, born = entry.split()
            name = " ".join(words)
            female = words[1] == "Thị"
            found.append(Member(name, name, unit, _POSTS[post], female, post in _EMPLOYEES, int(born)))
    return tuple(found)


STAFF: tuple[Member, ...] = _staff()
"""Some sixty people without accounts, four in each unit; `key` is the name."""
