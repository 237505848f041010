"""The OpenID Connect provider of Định Danh.

Requests walk through ``read -> load -> decide -> commit -> respond`` (see :mod:`idp.shell`): rules are pure
functions over frozen values (:mod:`idp.protocol`, :mod:`idp.authentication`), input and output live at the rim.
"""
