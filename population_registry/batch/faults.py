"""What can be wrong with a row or with a whole file: language-free codes, each with a sentence in both languages."""

from enum import StrEnum


class RowFault(StrEnum):
    """Why one row is not asked; the other rows are."""

    UNDECODABLE = "undecodable"
    LINE_TOO_LONG = "line-too-long"
    NOT_JSON = "not-json"
    NOT_CSV = "not-csv"
    VALUE_MISSING = "value-missing"
    NUMBER_MALFORMED = "number-malformed"
    NUMBER_ZERO_LOST = "number-zero-lost"
    VALUE_MALFORMED = "value-malformed"
    NUMBER_TWICE = "number-twice"
    BUDGET_EXHAUSTED = "budget-exhausted"
    TOO_MANY_NUMBERS = "too-many-numbers"


class FileFault(StrEnum):
    """Why nothing of a file is asked, or why its work was stopped."""

    EMPTY = "empty"
    HEADER_UNREADABLE = "header-unreadable"
    COLUMN_MISSING = "column-missing"
    COLUMN_TWICE = "column-twice"
    DIGEST_MISMATCH = "digest-mismatch"
    TOO_MANY_ROWS = "too-many-rows"
    DAY_EXHAUSTED = "day-exhausted"
    TOO_MANY_MISSES = "too-many-misses"
    NOT_ALLOWED = "not-allowed"
    BROKEN = "broken"


TEXTS: dict[str, tuple[str, str]] = {
    RowFault.UNDECODABLE: (
        "Dòng có byte không đọc được; hãy lưu tệp bằng UTF-8, hoặc UTF-16 có BOM.",
        "The line holds bytes that cannot be read; save the file as UTF-8, or as UTF-16 with a byte order mark.",
    ),
    RowFault.LINE_TOO_LONG: ("Dòng dài quá 16.384 ký tự.", "The line is longer than 16,384 characters."),
    RowFault.NOT_JSON: (
        "Dòng không phải một đối tượng JSON, hoặc một thành phần xuất hiện hai lần.",
        "The line is not one JSON object, or a member appears twice.",
    ),
    RowFault.NOT_CSV: (
        "Dòng không đúng CSV: dấu ngoặc kép chưa đóng, hoặc số ô khác dòng tiêu đề.",
        "The line is not CSV: a quote is not closed, or it has another number of fields than the header.",
    ),
    RowFault.VALUE_MISSING: ("Ô bắt buộc bị trống.", "A required value is empty."),
    RowFault.NUMBER_MALFORMED: (
        "Số định danh phải có 12 chữ số, số CMND cũ 9 chữ số.",
        "A personal number has twelve digits, an old card number nine.",
    ),
    RowFault.NUMBER_ZERO_LOST: (
        "Số có 11 chữ số: có lẽ bảng tính đã bỏ số 0 ở đầu; hãy định dạng cột là văn bản.",
        "The number has eleven digits: a spreadsheet probably dropped the leading zero; format the column as text.",
    ),
    RowFault.VALUE_MALFORMED: ("Giá trị không đúng dạng.", "The value has another form."),
    RowFault.NUMBER_TWICE: (
        "Số này đã có ở một dòng trước; mỗi số chỉ được hỏi một lần trong một lô.",
        "An earlier line has this number; a batch asks about each number once.",
    ),
    RowFault.BUDGET_EXHAUSTED: (
        "Số này đã được hỏi đủ số lần cho phép trong ngày.",
        "This number has been asked about as often as a day allows.",
    ),
    RowFault.TOO_MANY_NUMBERS: (
        "Cùng họ tên và ngày sinh đã được hỏi với quá nhiều số khác nhau.",
        "The same name and birth date were asked with too many different numbers.",
    ),
    FileFault.EMPTY: ("Tệp không có dòng dữ liệu nào.", "The file holds no row."),
    FileFault.HEADER_UNREADABLE: (
        "Dòng đầu của tệp không phải tiêu đề CSV đọc được (tệp Excel, PDF, ảnh?); hãy xuất bảng ra CSV, mã UTF-8.",
        "The file begins with no readable CSV header (a workbook, PDF, picture?); export the table as CSV in UTF-8.",
    ),
    FileFault.COLUMN_MISSING: (
        "Dòng tiêu đề thiếu một cột đã khai.",
        "The header lacks a column that was named.",
    ),
    FileFault.COLUMN_TWICE: ("Một cột đã khai xuất hiện hai lần.", "A column that was named appears twice."),
    FileFault.DIGEST_MISMATCH: (
        "SHA-256 của tệp khác với giá trị đã khai.",
        "The SHA-256 of the file differs from the one declared.",
    ),
    FileFault.TOO_MANY_ROWS: ("Tệp có quá nhiều dòng.", "The file has too many rows."),
    FileFault.DAY_EXHAUSTED: (
        "Đã hết số dòng được hỏi trong ngày.",
        "The rows that this client may ask about in a day are used up.",
    ),
    FileFault.TOO_MANY_MISSES: (
        "Quá nửa số dòng không xác lập được danh tính; lô bị dừng và không trả kết quả.",
        "More than half of the rows establish nobody; the batch was stopped and answers nothing.",
    ),
    FileFault.NOT_ALLOWED: (
        "Danh mục không còn cho phép lô này.",
        "The catalogue no longer allows this batch.",
    ),
    FileFault.BROKEN: ("Xử lý gặp lỗi nhiều lần.", "The work failed repeatedly."),
}


class FileRefusedError(Exception):
    """Nothing of this file is asked; `column` names a column as the caller named it."""

    def __init__(self, fault: FileFault, column: str | None = None) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.column = column

    def document(self) -> dict[str, object]:
        """As JSON in the job."""
        return fault_document(self.fault.value, self.column)


def fault_document(code: str, column: str | None = None) -> dict[str, object]:
    """A fault as JSON: code, place, and the sentence in both languages."""
    vi, en = TEXTS[code]
    return {"code": code, "column": column, "message": {"vi": vi, "en": en}}
