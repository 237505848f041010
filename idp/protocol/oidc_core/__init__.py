"""OpenID Connect Core 1.0: the authentication request.

https://openid.net/specs/openid-connect-core-1_0.html
Implemented: 3.1.2.1 (reading.py), 3.1.2.3 and 3.1.2.4 (judging.py), 3.1.2.6 (errors), 3.2 and 3.3 (flows.py),
5.5 (claims_parameter.py), 11.
Left out: 6 request objects (rfc9101_request_objects), 7 self-issued providers;
display and claims_locales are accepted without effect (one layout, claims in the language they were registered in).
Builds on no Authlib class: validate_request_prompt knows neither max_age nor acr and guesses the prompt.
"""
