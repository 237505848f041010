"""What each code of the check-in means, in both languages (insurance.md section 5 of the domain facts)."""

from collections.abc import Mapping

NOTES: Mapping[str, tuple[str, str]] = {
    "000": ("Thông tin thẻ chính xác.", "The card's data are right."),
    "001": ("Thẻ do Bộ Quốc phòng quản lý; kiểm tra thẻ giấy.", "An army card; look at the paper."),
    "002": ("Thẻ do Bộ Công an quản lý; kiểm tra thẻ giấy.", "A police card; look at the paper."),
    "003": ("Thẻ cũ hết giá trị sử dụng, đã có thẻ mới.", "The card shown is over; there is a new one."),
    "004": ("Thẻ cũ còn giá trị sử dụng, đã có thẻ mới.", "The card shown still holds; there is a new one."),
    "010": ("Thẻ hết giá trị sử dụng.", "The card has expired."),
    "050": ("Không thấy thông tin thẻ.", "No card is found."),
    "051": ("Mã thẻ không đúng.", "The card code is wrong."),
    "052": ("Mã tỉnh trong mã thẻ không đúng.", "The province digits of the code are wrong."),
    "053": ("Mã quyền lợi trong mã thẻ không đúng.", "The benefit digit of the code is wrong."),
    "054": ("Cán bộ tra cứu chưa được cơ sở đăng ký.", "The facility has not registered this officer."),
    "055": (
        "Họ tên cán bộ không khớp số định danh đã đăng ký.",
        "The officer's name does not fit the number.",
    ),
    "060": ("Họ tên không đúng.", "The name is wrong."),
    "061": ("Họ tên không đúng, đúng các chữ cái đầu.", "The name is wrong, its first letters are right."),
    "070": ("Ngày sinh không đúng.", "The birth date is wrong."),
    "080": ("Giới tính không đúng.", "The sex is wrong."),
    "090": ("Nơi đăng ký khám chữa bệnh ban đầu không đúng.", "The initial facility is wrong."),
    "100": ("Chưa trả lời được; tra cứu lại sau.", "No answer for now; look up again later."),
    "110": ("Thẻ đã bị thu hồi.", "The card was withdrawn."),
    "120": ("Thẻ đã báo giảm.", "A decrease was reported."),
    "121": ("Thẻ đã báo giảm: chuyển ngoại tỉnh.", "A decrease was reported: moved to another province."),
    "122": ("Thẻ đã báo giảm: chuyển nội tỉnh.", "A decrease was reported: moved within the province."),
    "123": ("Thẻ đã báo giảm: thu hồi do tăng lại cùng đơn vị.", "A decrease was reported: increased anew."),
    "124": ("Thẻ đã báo giảm: ngừng tham gia.", "A decrease was reported: no longer insured."),
    "130": ("Trẻ em chưa có thẻ.", "A child without a card."),
    "205": ("Tham số không đúng.", "A parameter is wrong."),
    "401": ("Lỗi xác thực.", "Authentication failed."),
    "500": ("Lỗi máy chủ.", "An error of the server."),
    "not_begun": ("Thẻ chưa đến ngày có giá trị.", "The card does not pay yet."),
}


def note(code: str) -> dict[str, str]:
    """The sentence in `vi` and `en`."""
    vi, en = NOTES[code]
    return {"vi": vi, "en": en}
