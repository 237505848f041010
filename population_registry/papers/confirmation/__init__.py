"""Confirmation of residence data, form CT07 (`xác nhận thông tin về cư trú`): signed JSON and signed PDF.

`content` what is listed, `claims` what is signed, `stamp` what the QR code says, `issuing` the whole act as one
value to commit, `judging` whether a paper still holds; `form` and `ct07.typ` the printed form, `pades` its
signature. All of it is pure: moments, random codes and signers come from outside.
"""
