"""Rendering pages: Jinja2 with autoescaping, one ready-made environment per language."""

import importlib.util
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
)
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from web import formatting, plots
from web.csrf import Csrf
from web.exchange import exchange_of
from web.languages import Language, choose_language
from web.security_headers import allow_form_action
from web.static_files import StaticFiles
from web.texts import Texts

YEAR = 365 * 24 * 3600
Navigation = Iterable[tuple[str, str]]
OF_THE_LAYOUT: Final = frozenset({"t", "n", "language", "static", "title_key", "home", "ui", "mark"})
"""Names of every page; one that gave a name another meaning would break its own frame, such as the way home."""


def bare_frame(_request: Request) -> Mapping[str, Any]:
    """The frame of a service whose layout needs nothing more than `web` gives."""
    return {}


async def nobody(_request: Request) -> None:
    """A service that knows no sign-in has nobody to recognise."""


def folder_of(package: str) -> Path:
    """The folder of an importable package."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"{package} is no package")
    return Path(spec.submodule_search_locations[0])


def kept_templates() -> FileSystemBytecodeCache | None:
    """Compiled templates of earlier starts, in the private folder that ``TEMPLATE_CACHE_DIR`` names; none by default.

    Compiling the page parts takes most of the start of a service; the folder holds code, so only its owner may write.
    """
    folder = os.environ.get("TEMPLATE_CACHE_DIR")
    return FileSystemBytecodeCache(folder) if folder else None


class Pages:
    """The pages of one service.

    Templates, texts and static files come from ``package``, then from ``shared`` packages, then from ``web``. A
    package's own template may reach the one it hides as ``web/<name>``. ``navigation`` is a list of (text id,
    address) or a function of the request that gives one. ``title_key`` is the text id of the service's name.

    A service may set ``frame``, which gives what its layout needs on every page, and ``recognise``, which finds out
    who is looking; it is awaited before a page that no handler of the service made, such as a refusal.
    """

    def __init__(
        self,
        package: str,
        title_key: str,
        navigation: Navigation | Callable[[Request], Navigation] = (),
        *,
        shared: Iterable[str] = (),
        home: str = "/",
        strict_texts: bool = True,
    ) -> None:
        folders = [folder_of(name) for name in (package, *shared, "web")]
        self.package = package
        self.title_key = title_key
        self.home = home
        self.navigation = navigation
        self.cookie_prefix = package.rpartition(".")[2]
        self.language_cookie = f"{self.cookie_prefix}_language"
        self.csrf: Csrf | None = None
        self.secure = False
        self.demo = False
        self.frame: Callable[[Request], Mapping[str, Any]] = bare_frame
        self.recognise: Callable[[Request], Awaitable[None]] = nobody
        self.static = StaticFiles(folder / "static" for folder in folders)
        self.texts = {
            language: Texts(language, [folder / "locale" for folder in folders], strict=strict_texts)
            for language in Language
        }
        own = [FileSystemLoader(folder / "templates") for folder in folders]
        loader = ChoiceLoader([*own, PrefixLoader({"web": own[-1]})])
        self.environments = {language: self._environment(loader, language) for language in Language}

    def _environment(self, loader: ChoiceLoader, language: Language) -> Environment:
        environment = Environment(
            loader=loader,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=kept_templates(),
        )
        texts = self.texts[language]
        environment.globals.update(
            t=texts.t,
            n=texts.n,
            language=language,
            static=self.static.url,
            title_key=self.title_key,
            home=self.home,
            plotting=plots,
        )
        environment.filters.update(
            date=formatting.format_date,
            time=formatting.format_time,
            datetime=lambda value: formatting.format_datetime(value, language),
            number=lambda value: formatting.format_number(value, language),
            share=lambda value: formatting.format_share(value, language),
            money=lambda value: formatting.format_money(value, language),
            person_name=formatting.format_name,
            personal_number=formatting.format_personal_number,
            masked_number=formatting.mask_personal_number,
            iso=formatting.iso,
            as_written=lambda value: formatting.as_written(value, language),
        )
        # Made once: an import inside each template would cost every page some 30 µs.
        mark = environment.from_string("{% import 'mark.html' as made %}{{ made.mark() }}").render()
        environment.globals["mark"] = Markup(mark)  # noqa: S704  # our own template
        environment.globals["ui"] = environment.get_template("components.html").module
        return environment

    def language_for(self, request: Request) -> Language:
        """The reader's language, decided once per exchange."""
        exchange = exchange_of(request)
        if exchange.language is None:
            exchange.language = choose_language(request, self.language_cookie)
            if Language.match([request.query_params.get("lang", "")]):
                attributes = (
                    f"Path=/; Max-Age={YEAR}; HttpOnly; SameSite=Lax{'; Secure' if self.secure else ''}"
                )
                exchange.cookies.append(f"{self.language_cookie}={exchange.language}; {attributes}")
        return exchange.language

    def texts_for(self, request: Request) -> Texts:
        """The texts in the reader's language."""
        return self.texts[self.language_for(request)]

    def render(
        self,
        request: Request,
        template: str,
        status: int = 200,
        *,
        form_action: Iterable[str] = (),
        **context: Any,
    ) -> HTMLResponse:
        """A page in the reader's language.

        ``form_action``: addresses, besides our own, that its forms may reach, by post or by a redirect after it.
        """
        if taken := OF_THE_LAYOUT & context.keys():
            raise ValueError(f"{template}: the layout itself uses {sorted(taken)}")
        language = self.language_for(request)
        exchange = exchange_of(request)
        allow_form_action(request, *form_action)
        navigation = self.navigation(request) if callable(self.navigation) else self.navigation
        page = self.environments[language].get_template(template)
        html = page.render(
            {
                "request": request,
                "nonce": exchange.draw_nonce,
                "csrf_field": lambda: self._csrf().field(request),
                "csrf_token": lambda: self._csrf().token(request),
                "navigation": navigation,
                "path": request.url.path,
                "switch_url": switch_url(request, language.other),
                "demo": self.demo,
                "errors": {},
                "account_name": None,
                **self.frame(request),
                **context,
            }
        )
        response = HTMLResponse(html, status, {"Content-Language": language.value})
        for cookie in exchange.cookies:
            response.headers.append("set-cookie", cookie)
        exchange.cookies.clear()
        return response

    def _csrf(self) -> Csrf:
        if self.csrf is None:
            raise RuntimeError("web.install was not called: no form secret")
        return self.csrf


def switch_url(request: Request, language: Language) -> str:
    """The present page in another language: a relative query, so that no path can lead elsewhere."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return "?" + urlencode([*kept, ("lang", language.value)])
