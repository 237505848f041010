"""What every page and every service shares: layout, languages, forms, headers, problems, settings, health.

Call `install` once per application; render with `Pages.render`; refuse with `Problem` or `PageProblem`.
"""

from web import csrf
from web.addresses import address_seen
from web.api_reference import add_api_reference
from web.body_limit import BodyLimit
from web.csrf import Csrf
from web.exchange import Exchange, exchange_of
from web.forms import Form, parse_form, read_form
from web.health import health_routes
from web.installed import Web
from web.languages import Language, choose_language
from web.logs import configure_logging
from web.pages import Pages
from web.problems import PageProblem, Problem
from web.refusing import problem_response
from web.request_ids import RequestId, current_request_id
from web.security_headers import SecurityHeaders, allow_form_action, allow_frames
from web.settings import BaseSettings, Mode, Secret, SettingsError, UnsafeSetting, setting
from web.static_files import StaticFiles
from web.texts import MissingText, Texts, text_key
from web.wiring import install

__all__ = [
    "BaseSettings",
    "BodyLimit",
    "Csrf",
    "Exchange",
    "Form",
    "Language",
    "MissingText",
    "Mode",
    "PageProblem",
    "Pages",
    "Problem",
    "RequestId",
    "Secret",
    "SecurityHeaders",
    "SettingsError",
    "StaticFiles",
    "Texts",
    "UnsafeSetting",
    "Web",
    "add_api_reference",
    "address_seen",
    "allow_form_action",
    "allow_frames",
    "choose_language",
    "configure_logging",
    "csrf",
    "current_request_id",
    "exchange_of",
    "health_routes",
    "install",
    "parse_form",
    "problem_response",
    "read_form",
    "setting",
    "text_key",
]
