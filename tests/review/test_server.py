"""The server of the page: who comes in, who does not, and what it answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPResponse

from grader.errors import GraderError
from grader.review.server import PAGE, AccessGate, ReviewServer
from grader.review.service import ReviewService
from grader.store.reviews import read_reviews
from tests.support.reviewing import a_class, settings, written

ANA = a_class().submissions[0].id
READ = [
    "/",
    "/page.js",
    "/page.css",
    "/queue",
    f"/lines?submission={ANA}",
    "/elsewhere",
    "/../server.py",
]
WRITTEN = ["/decisions", "/rubric", "/done"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "grades")


class Visitor:
    """A browser, with or without the cookie."""

    def __init__(self, gate: AccessGate) -> None:
        self.base = f"http://127.0.0.1:{gate.port}"
        self.headers = {"Host": f"127.0.0.1:{gate.port}"}
        self._client = AsyncHTTPClient(force_instance=True)

    async def get(self, path: str, **headers: str) -> HTTPResponse:
        given = self.headers | headers
        return await self._client.fetch(
            self.base + path, headers=given, raise_error=False, follow_redirects=False
        )

    async def post(self, path: str, body: Any = None, **headers: str) -> HTTPResponse:
        own = {"Origin": self.base, "Content-Type": "application/json"}
        given = {name: value for name, value in (self.headers | own | headers).items() if value}
        text = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        return await self._client.fetch(
            self.base + path, method="POST", body=text, headers=given, raise_error=False
        )

    async def come_in(self, gate: AccessGate) -> HTTPResponse:
        answer = await self.get(f"/?token={gate.token}")
        self.headers["Cookie"] = answer.headers["Set-Cookie"].partition(";")[0]
        return answer


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[AccessGate, Visitor]]:
    server = ReviewServer(ReviewService(folder, "Ana Exemplo", settings(folder), "en"))
    task = asyncio.ensure_future(server.serve())
    await asyncio.sleep(0)
    try:
        yield server.gate, Visitor(server.gate)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def decisions(**more: Any) -> dict[str, Any]:
    return {
        "decisions": [{"submission": ANA, "exercise": "question-1", "credit": 1, "of": "", **more}]
    }


# Coming in


async def test_without_the_cookie_nothing_is_answered(folder):
    async with serving(folder) as (_, visitor):
        codes = [(await visitor.get(path)).code for path in READ]
        codes += [(await visitor.post(path)).code for path in WRITTEN]
    assert {403} == set(codes)


async def test_the_token_is_exchanged_for_a_cookie_that_no_script_and_no_other_site_has(folder):
    async with serving(folder) as (gate, visitor):
        answer = await visitor.come_in(gate)
        page = await visitor.get("/")
    name, *rules = answer.headers["Set-Cookie"].split("; ")
    assert (200, 200) == (answer.code, page.code)
    assert f"review-{gate.port}" == name.partition("=")[0]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} == set(rules)


async def test_the_first_page_leads_to_an_address_without_the_token(folder):
    async with serving(folder) as (gate, visitor):
        token = gate.token
        answer = await visitor.come_in(gate)
    assert (True, False) == (b'content="0; url=/"' in answer.body, token.encode() in answer.body)


async def test_the_token_works_once(folder):
    async with serving(folder) as (gate, visitor):
        url = f"/?token={gate.token}"
        await visitor.come_in(gate)
        codes = [(await Visitor(gate).get(url)).code, (await visitor.get(url)).code]
    assert [403, 200] == codes


@pytest.mark.parametrize("token", ["", "x", "é"])
async def test_another_token_does_not_let_in(folder, token):
    async with serving(folder) as (gate, visitor):
        answers = [
            await visitor.get(f"/?token={token}"),
            await visitor.get(f"/queue?token={gate.token}"),
        ]
    assert [403, 403] == [answer.code for answer in answers]


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example"],
)
async def test_another_name_that_points_here_is_refused_with_the_cookie_and_with_the_token(
    folder, host
):
    async with serving(folder) as (gate, visitor):
        with_token = await visitor.get(f"/?token={gate.token}", Host=host)
        await visitor.come_in(gate)
        answers = [
            with_token,
            await visitor.get("/queue", Host=host),
            await visitor.post("/done", Host=host),
        ]
    assert [403, 403, 403] == [answer.code for answer in answers]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:1"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ],
)
async def test_a_change_from_elsewhere_is_refused(folder, headers):
    async with serving(folder) as (gate, visitor):
        await visitor.come_in(gate)
        codes = [(await visitor.post(path, decisions(), **headers)).code for path in WRITTEN]
    assert ({403}, ()) == ({*codes}, read_reviews(folder).reviews)


async def test_only_this_machine_can_reach_it(folder):
    async with serving(folder) as (gate, _):
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.2", gate.port)


# Answers


async def test_every_answer_forbids_scripts_of_others_frames_and_caches(folder):
    async with serving(folder) as (gate, visitor):
        refused = await visitor.get("/")
        await visitor.come_in(gate)
        answers = [refused, *[await visitor.get(path) for path in (*PAGE, "/queue", "/elsewhere")]]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert ("default-src 'none'; script-src 'self'; " in policy, "unsafe" in policy) == (
            True,
            False,
        )
        assert ("no-store", "DENY", "nosniff", "no-referrer") == tuple(
            answer.headers[name]
            for name in (
                "Cache-Control",
                "X-Frame-Options",
                "X-Content-Type-Options",
                "Referrer-Policy",
            )
        )
        assert "Server" not in answer.headers


async def test_the_page_and_its_parts_are_served_and_nothing_else_of_their_folder(folder):
    async with serving(folder) as (gate, visitor):
        await visitor.come_in(gate)
        codes = [(await visitor.get(path)).code for path in PAGE]
        others = [
            (await visitor.get(path)).code
            for path in ("/server.py", "/service.py", "/../service.py", "/%2e%2e/service.py")
        ]
    assert ({200}, {404}) == (set(codes), set(others))


async def test_the_queue_has_what_students_wrote_as_json(folder):
    async with serving(folder) as (gate, visitor):
        await visitor.come_in(gate)
        answer = await visitor.get("/queue")
    assert "application/json; charset=utf-8" == answer.headers["Content-Type"]
    assert (
        "Porque guarda o gradiente." == json.loads(answer.body)["questions"][0]["groups"][0]["text"]
    )


async def test_a_decision_is_saved_before_it_is_answered(folder):
    async with serving(folder) as (gate, visitor):
        await visitor.come_in(gate)
        answer = await visitor.post("/decisions", decisions())
        saved = read_reviews(folder).reviews
    assert (200, [("Ana Exemplo", 1.0)]) == (answer.code, [(one.by, one.credit) for one in saved])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"decisions": []}',
        json.dumps(decisions(credit=7)).encode(),
        json.dumps(decisions(submission="0f")).encode(),
    ],
)
async def test_a_decision_that_cannot_be_is_answered_with_one_line(folder, body):
    async with serving(folder) as (gate, visitor):
        await visitor.come_in(gate)
        answer = await visitor.post("/decisions", body)
    assert (400, 0) == (answer.code, json.loads(answer.body)["problem"].count("\n"))
    assert () == read_reviews(folder).reviews


async def test_a_save_that_fails_is_said(folder):
    async with serving(folder) as (gate, visitor):
        await visitor.come_in(gate)
        (folder / "reviews.json").write_text("{")
        answer = await visitor.post("/decisions", decisions())
    assert (500, True) == (answer.code, "reviews.json" in json.loads(answer.body)["problem"])


async def test_what_is_missing_of_a_run_is_said_in_one_line(folder):
    async with serving(folder) as (gate, visitor):
        await visitor.come_in(gate)
        answer = await visitor.get(f"/lines?submission={ANA}")
    assert "There is no stored run of Ana Exemplo" in json.loads(answer.body)["problem"]


async def test_the_button_of_the_page_ends_it(folder):
    server = ReviewServer(ReviewService(folder, "Ana Exemplo", settings(folder), "en"))
    task = asyncio.ensure_future(server.serve())
    await asyncio.sleep(0)
    visitor = Visitor(server.gate)
    await visitor.come_in(server.gate)
    assert 200 == (await visitor.post("/done")).code
    await asyncio.wait_for(task, 10)


async def test_a_port_that_is_taken_is_said(folder):
    async with serving(folder) as (gate, _):
        with pytest.raises(GraderError, match=f"Port {gate.port} of this machine cannot be used"):
            ReviewServer(ReviewService(folder, "Ana Exemplo", settings(folder), "en"), gate.port)
