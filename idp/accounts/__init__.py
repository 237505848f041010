"""The life of an e-ID account (tài khoản định danh điện tử) as a pure state machine; nothing here reads a clock.

:mod:`.life` the value and who acts · :mod:`.reasons` who may set and lift which lock · :mod:`.life_cycle` every
transition, :mod:`.acts` the same with its line in the log · :mod:`.holding` who may hold which account ·
:mod:`.cases` decisions of the centre · :mod:`.telling` who hears of a change by mail.
The words are those of Law on Identity 26/2023/QH15 and Decree 69/2024/NĐ-CP.
"""
