"""Values that the gallery shows."""

from web import Language
from web.plots import Plot, Point, Series

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

MONTHS = tuple(
    Point(f"{month:02d}/{year}", str(month), str(year))
    for year, month in [(2025, 12), *((2026, month) for month in range(1, 12))]
)
ON_TIME = (340.0, 412.0, 380.0, 298.0, 455.0, None, 510.0, 623.0, 580.0, 701.0, 690.0, 412.0)
LATE = (12.0, 18.0, 31.0, 9.0, 14.0, None, 22.0, 41.0, 18.0, 16.0, 8.0, 0.0)
PLOTS = (
    Plot(
        "months",
        "Hồ sơ giải quyết theo tháng",
        "Tháng",
        MONTHS,
        (Series("Đúng hạn", ON_TIME), Series("Trễ hạn", LATE)),
        summary="Nhiều nhất tháng 10/2026: 717 hồ sơ.",
    ),
    Plot(
        "shares",
        "Tỷ lệ nộp trực tuyến",
        "Tháng",
        MONTHS,
        (
            Series("Trực tuyến", (0.5, 0.52, 0.55, 0.61, 0.6, None, 0.7, 0.72, 0.78, 0.8, 0.84, 0.9)),
            Series("Được hỗ trợ", (0.2, 0.2, 0.19, 0.18, 0.21, None, 0.15, 0.1, 0.12, 0.1, 0.08, 0.07)),
        ),
        share=True,
    ),
    Plot(
        "procedures",
        "Theo thủ tục",
        "Thủ tục",
        (
            Point("Liên thông đăng ký khai sinh, đăng ký thường trú, cấp thẻ bảo hiểm y tế cho trẻ em"),
            Point("Đăng ký tạm trú"),
            Point("Khai báo tạm vắng"),
        ),
        (Series("Đúng hạn", (1200.0, 830.0, None)), Series("Trễ hạn", (40.0, 12.0, None))),
    ),
    Plot(
        "content",
        "Mức độ hài lòng",
        "Mức",
        (Point("Rất hài lòng"), Point("Không hài lòng")),
        (Series("Tỷ lệ", (0.875, 0.031)),),
        share=True,
    ),
)
