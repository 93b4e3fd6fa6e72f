"""Pages of PDFs as images over HTTP, and nothing else of any file: GET /page/DOCUMENT/NUMBER."""

import contextlib
import functools
import queue

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from qa.errors import BadInput, VerbatimError
from qa.pages import IMAGE_WIDTH, WIDEST, page_image
from qa.records import Span
from qa.sandbox import Sandbox
from qa.ui.desk import Desk
from qa.ui.images_view import PATH
from qa.ui.shelf import Shelves

DRAWN_AT_ONCE = 2
"""Pages drawn at the same time; each may need a process of its own and a gigabyte."""

_KEPT_SECONDS = 300
_NUMBER_DIGITS = 9


class Images:
    """Draw pages of the documents that an index names; what is asked for is an id, never a path.

    `start` and `end` mark a span of the document's text, `width` is in pixels, `shelf` is the key of
    a visitor's own documents. With `auth` only those who are logged in are served.
    """

    def __init__(self, desk: Desk, shelves: Shelves, *, auth: bool) -> None:
        self._desk, self._shelves, self._auth = desk, shelves, auth
        self._limit: CapacityLimiter | None = None
        self._sandboxes: queue.SimpleQueue[Sandbox] = queue.SimpleQueue()
        for _ in range(DRAWN_AT_ONCE):
            self._sandboxes.put(Sandbox())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a PNG, or with one line that says what is wrong."""
        answer = await self._answer(Request(scope))
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return PlainTextResponse("Pages are only given out; use GET.", 405)
        if self._auth and not _logged_in(request):
            return PlainTextResponse("Log in first.", 401)
        if self._limit is None:
            self._limit = CapacityLimiter(DRAWN_AT_ONCE)
        try:
            drawn = await to_thread.run_sync(functools.partial(self._draw, request), limiter=self._limit)
        except BadInput as error:
            return PlainTextResponse(str(error), 404)
        except VerbatimError as error:
            return PlainTextResponse(str(error), 503)
        return Response(drawn, media_type="image/png", headers={"cache-control": f"private, max-age={_KEPT_SECONDS}"})

    def _draw(self, request: Request) -> bytes:
        parts = request.url.path.strip("/").split("/")
        given = request.query_params
        page = _number(parts[2] if len(parts) == 3 else "", "the page")
        width = _number(given.get("width", str(IMAGE_WIDTH)), "width")
        if width > WIDEST:
            raise BadInput(f"width is {width:,}; ask for at most {WIDEST:,} pixels")
        span = None
        if "start" in given or "end" in given:
            span = Span(_number(given.get("start", ""), "start"), _number(given.get("end", ""), "end"))
        desk = self._shelves.desk_of(given["shelf"]) if "shelf" in given else self._desk
        with desk.engine() as engine:
            entry = next((entry for entry in engine.store.entries if entry.document.id == parts[1]), None)
            if entry is None:
                raise BadInput("there is no such document in the index any more; ask again")
            sandbox = self._sandboxes.get()
            try:
                return page_image(engine.store, entry.document.path, page, span, width, sandbox)
            finally:
                self._sandboxes.put(sandbox)

    def close(self) -> None:
        """Stop the processes that draw."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._sandboxes.get_nowait().close()


def _number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > _NUMBER_DIGITS:
        raise BadInput(f"{what} must be a whole number; ask for /{PATH}/DOCUMENT/NUMBER?start=0&end=10&width={IMAGE_WIDTH}")
    return int(text)


def _logged_in(request: Request) -> bool:
    """Tell whether a request carries the token that the framework gave out for a password."""
    names = (f"access-token-{request.app.cookie_id}", f"access-token-unsecure-{request.app.cookie_id}")
    return any(request.cookies.get(name) in request.app.tokens for name in names if name in request.cookies)
