"""Values that the gallery shows."""

from web import Language

ERRORS = {
    Language.VI: {
        "name": "Nhập họ, chữ đệm và tên khai sinh",
        "number": "Số định danh cá nhân phải có đúng 12 chữ số",
        "birth": "Ngày sinh không tồn tại trong lịch",
        "kind": "Chọn hình thức cư trú",
        "province": "Chọn tỉnh hoặc thành phố",
        "agree": "Đánh dấu để cam kết thông tin là đúng",
    },
    Language.EN: {
        "name": "Enter family, middle and given name",
        "number": "The personal number must have exactly 12 digits",
        "birth": "The date of birth does not exist in the calendar",
        "kind": "Choose the kind of residence",
        "province": "Choose a province or city",
        "agree": "Tick to declare that the information is correct",
    },
}
