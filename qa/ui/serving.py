"""Serve the page: where it listens, who may come in, and which of the framework's routes exist at all."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.errors import BadInput
from qa.ui.desk import Desk
from qa.ui.feedback import Feedback
from qa.ui.images import Images
from qa.ui.images_view import PATH
from qa.ui.layout import HEAD, build_page
from qa.ui.page import Page
from qa.ui.passwords import password_check
from qa.ui.programs import MCP_PATH, mcp_tools, programs
from qa.ui.requests import Parameters, fault_of, parameters_of, read_whole
from qa.ui.shelf import MOST_BYTES, Shelves

_ROUTES = frozenset(
    "app_id call cancel config heartbeat info login_check logout openapi.json queue reset startup-events theme.css token"
    " user".split()
)
"""The framework's routes that the page and the programs need; those for files and proxies are not among them."""

_CALLED = [["ask"], ["search"], ["sources"]]

_UPLOAD = "upload"
"""The one route that takes files in; none gives them out."""

_MOST_UPLOADED = MOST_BYTES + 64 * 1024
"""Longest request that hands a file over: the file and what is around it."""

_MOST_ASKED = 1_000_000
"""Longest request of any other kind: eleven questions of 10,000 characters in any script, and a choice of documents."""

_MOST_WAITING = 1_000_000_000
"""Bytes of files that have arrived and were not taken in yet, of all visitors together."""

_HEADERS = {
    # The framework starts from a script in the page and compiles its templates, hence the two "unsafe" words;
    # nothing may be loaded from, sent to or framed by anywhere else.
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval';"
    " style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self';"
    " frame-ancestors 'none'",
    # Nor may another page show a document's page as a picture of its own.
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Guard:
    """Refuse other names for this machine and routes that serve files; say what a browser may load."""

    def __init__(
        self,
        app: ASGIApp,
        names: frozenset[str] | None,
        tools: ASGIApp | None,
        images: ASGIApp,
        known: Mapping[str, Parameters],
        events: int,
    ) -> None:
        self._app, self._names, self._tools, self._images = app, names, tools, images
        self._known, self._events = known, events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answering = self._instead(scope)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *((name.encode(), value.encode()) for name, value in _HEADERS.items())]
            await send(message)

        parts = scope["path"].strip("/").split("/")
        asks = scope["method"] == "POST" and (parts[:2] == ["gradio_api", "call"] or parts == ["gradio_api", "queue", "join"])
        if answering is None and asks:
            body, receive = await read_whole(receive)
            fault = fault_of(parts, body, self._known, self._events)
            answering = PlainTextResponse(fault, 400) if fault else None
        await (answering or self._app)(scope, receive, send_guarded)

    def _instead(self, scope: Scope) -> ASGIApp | None:
        """Return what answers a request in the framework's place: a refusal, a page's image, or the tools."""
        host = _header(scope, b"host")
        if self._names is not None and _host_name(host) not in self._names:
            # A page elsewhere whose name was made to point here must not read the documents.
            return PlainTextResponse("This address is not one the server was started for.", 421)
        if _from_elsewhere(scope, host):
            return PlainTextResponse("Another page may not use this one.", 403)
        parts = scope["path"].strip("/").split("/")
        if parts[0] == PATH:
            return self._images
        if parts == ["gradio_api", _UPLOAD]:
            return self._upload_refusal(scope)
        if scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            length = _header(scope, b"content-length")
            if not length.isdigit():
                return PlainTextResponse("Say how long the request is.", 411)
            if int(length) > _MOST_ASKED:
                return PlainTextResponse(f"Requests may have {_MOST_ASKED:,} bytes at most.", 413)
        if parts[:2] == ["gradio_api", "call"] and (parts[3:4] if parts[2:3] == ["v2"] else parts[2:3]) not in _CALLED:
            # the framework looks names up that are none, and fails
            return PlainTextResponse("There is nothing here.", 404)
        if self._tools is not None and f"/{'/'.join(parts)}" == MCP_PATH:
            scope["path"] = MCP_PATH
            return self._tools
        if parts[0] in ("gradio_api", "monitoring", "svelte", "custom_component", "proxy", "file") and (
            len(parts) < 2 or parts[0] != "gradio_api" or parts[1] not in _ROUTES
        ):
            return PlainTextResponse("There is nothing here.", 404)
        return None

    @staticmethod
    def _upload_refusal(scope: Scope) -> ASGIApp | None:
        length = _header(scope, b"content-length")
        if scope["method"] != "POST":
            return PlainTextResponse("There is nothing here.", 404)
        if not length.isdigit():
            return PlainTextResponse("Say how long the file is.", 411)
        if int(length) > _MOST_UPLOADED:
            return PlainTextResponse(f"Files may have {MOST_BYTES // 1024**2} MB at most.", 413)
        if sum(path.stat().st_size for path in Path(get_upload_folder()).rglob("*") if path.is_file()) > _MOST_WAITING:
            return PlainTextResponse("Too many files are waiting to be read; try again in ten minutes.", 503)
        return None


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")


def _from_elsewhere(scope: Scope, host: str) -> bool:
    """Tell whether a browser says that another page sends the request: forms and scripts elsewhere need no leave to send one."""
    origin = _header(scope, b"origin")
    # What a proxy before this machine says is believed: there the framework lets no other page's script set the header.
    proxied = _header(scope, b"x-forwarded-host") if _host_name(host) in ("localhost", "127.0.0.1") else ""
    return bool(origin) and origin.partition("://")[2] not in (host, proxied or host)


def _host_name(host: str) -> str:
    return host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Served:
    """Hold a running page."""

    def __init__(self, blocks: gr.Blocks, desk: Desk, shelves: Shelves, images: Images, url: str) -> None:
        self._blocks, self._desk, self._shelves, self._images = blocks, desk, shelves, images
        self.url = url

    def wait(self) -> None:
        """Serve until interrupted."""
        self._blocks.block_thread()

    def close(self) -> None:
        """Stop serving and let the index go."""
        self._blocks.close(verbose=False)
        self._images.close()
        self._desk.close()
        self._shelves.close()


def _theme() -> gr.themes.Base:
    fonts: list[Any] = [gr.themes.Font(name) for name in ("system-ui", "-apple-system", "Segoe UI", "sans-serif")]
    return gr.themes.Base(font=fonts, font_mono=[gr.themes.Font("ui-monospace"), gr.themes.Font("monospace")]).set(
        body_background_fill="#fcfbf8",
        body_background_fill_dark="#17191c",
        body_text_color="#24262b",
        body_text_color_dark="#e4e2dc",
    )


def serve(
    index: Path, host: str, port: int, auth: tuple[str, str] | None, feedback: Path | None, reader: str = "shipped"
) -> Served:
    """Serve an index in the background; see `qa.ui.launch`."""
    if not is_loopback(host) and auth is None:
        raise BadInput(
            f"{host} can be reached from other machines;"
            " add --auth-file FILE (or --auth NAME:PASSWORD), or keep to --host 127.0.0.1"
        )
    noted = Feedback(feedback) if feedback else None
    desk, shelves = Desk(index, reader=reader), Shelves(reader)
    images = Images(desk, shelves, auth=auth is not None)
    blocks = build_page(desk, Page(desk, shelves, noted))
    # Tools know no passwords, so where one is asked for there are none.
    tools, lifespan = (mcp_tools(desk) if auth is None else None) or (None, None)
    names = frozenset({"localhost", "127.0.0.1", "[::1]", host}) if is_loopback(host) else None
    guarded: dict[str, Any] = {"names": names, "tools": tools, "images": images, "events": len(blocks.fns)}
    guarded["known"] = parameters_of(programs(desk))
    try:
        _, url, _ = blocks.launch(
            server_name=host,
            server_port=port,
            auth=password_check(*auth) if auth else None,  # type: ignore[arg-type]  # coroutines are awaited
            share=False,
            quiet=True,
            inbrowser=False,
            prevent_thread_lock=True,
            show_error=True,
            run_history=False,
            enable_monitoring=False,
            # It would ask its own page whether it answers, through the environment's proxy and for three seconds,
            # and give up where it doesn't: a busy machine had `qa chat` end in a traceback.
            _frontend=False,
            mcp_server=False,
            ssr_mode=False,
            pwa=False,
            allowed_paths=[],
            max_file_size=MOST_BYTES,
            footer_links=[],
            theme=_theme(),
            head=HEAD,
            app_kwargs={"middleware": [Middleware(Guard, **guarded)], "lifespan": lifespan},
        )
    except OSError:
        desk.close()
        raise BadInput(f"port {port} is taken or not allowed; choose another with --port") from None
    return Served(blocks, desk, shelves, images, url)
