"""Nothing private leaves the source unless it was asked for: every file, log and page is searched for planted texts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from jobs.context import JobContext
from tests.support.cli import in_process, secret_of, write_config
from tests.support.source import Database, demo_sources, table_source

PROMPT, ANSWER, PERSON = "CANARY-prompt-6f1b", "CANARY-answer-a07c", "prompt.person-51d2@secret.example"
NEVER = {  # column or key → what stands there; not even content = "keep" reads it
    "proxy_server_request": "CANARY-body-c3e8",
    "requester_ip_address": "203.0.113.77",
    "metadata.requester_ip_address": "198.51.100.23",
    "metadata.user_api_key_user_email": "canary.email-88a4@secret.example",
    "metadata.error_information.traceback": "CANARY-traceback-19bd",
    "metadata.spend_logs_metadata": "CANARY-custom-5cc1",
    "password": "CANARY-password-e92f",
}
MESSAGE = "key sk-CANARYkey123456789 of error.person@secret.example refused by 192.0.2.44"
IN_MESSAGE = ("sk-CANARYkey123456789", "error.person@secret.example", "192.0.2.44")
ROW = {
    "request_id": "chatcmpl-canary",
    "call_type": "acompletion",
    "status": "failure",
    "startTime": "2025-06-03 10:00:00",
    "endTime": "2025-06-03 10:00:02",
    "messages": [{"role": "user", "content": f"{PROMPT} from {PERSON}"}],
    "response": {"choices": [{"message": {"content": ANSWER}}]},
    "proxy_server_request": {"body": NEVER["proxy_server_request"]},
    "requester_ip_address": NEVER["requester_ip_address"],
    "metadata": {
        "status": "failure",
        "requester_ip_address": NEVER["metadata.requester_ip_address"],
        "user_api_key_user_email": NEVER["metadata.user_api_key_user_email"],
        "spend_logs_metadata": {"note": NEVER["metadata.spend_logs_metadata"]},
        "error_information": {
            "error_message": MESSAGE,
            "error_class": "AuthenticationError",
            "traceback": NEVER["metadata.error_information.traceback"],
        },
    },
}


@pytest.fixture(scope="module")
def database(make_database: Callable[[], Database]) -> Iterator[Database]:
    """A LiteLLM table and a home-made one with private texts, read with a password that is one too."""
    made = make_database()
    made.insert("LiteLLM_SpendLogs", ROW)
    made.run("CREATE TABLE chats (id TEXT, at TIMESTAMPTZ, prompt TEXT, answer TEXT)")
    made.insert("chats", {"id": "chat-canary", "at": "2025-06-03 10:00+00", "prompt": PROMPT, "answer": ANSWER})
    made.run(f"CREATE ROLE canary LOGIN PASSWORD '{NEVER['password']}'")
    made.run('GRANT SELECT ON "LiteLLM_SpendLogs", chats TO canary')
    url = made.url.replace(f"postgres:{secret_of(made.url)}", f"canary:{NEVER['password']}")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(made.env, url)
        yield Database(url, made.env)


Found = dict[str, set[str]]
Search = Callable[..., Found]


@pytest.fixture
def run_and_search(
    database: Database,
    open_lakehouse: Callable[..., JobContext],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Search:
    """Run the pipeline and the report, and say for every text in which places it is found.

    Places are `layer/table`, other files, and what was printed or logged, also by Spark.
    """

    def go(content: str, *texts: str) -> Found:
        columns = {"started_at": "at", "input_messages": "prompt", "output_messages": "answer"}
        sources = (demo_sources(database)[0], table_source(database, "chats", columns=columns))
        sources = tuple(source.model_copy(update={"content": content}) for source in sources)
        spark, home = (context := open_lakehouse(sources)).spark, context.settings.home
        log = Path(spark.conf.get("spark.sql.warehouse.dir").removeprefix("file:")).parent / "logs" / "spark.log"
        before = log.stat().st_size
        config = write_config(tmp_path / "config.toml", *sources)
        argv = ("--config", config, "--home", home)
        with caplog.at_level(logging.DEBUG):
            runs = [in_process(capfd, command, *argv) for command in ("run", "report")]
        assert [run.code for run in runs] == [0, 0], runs[0].err
        assert (home / "report.html").is_file()
        printed = "".join(run.out + run.err for run in runs)
        places = {"printed": printed, "logged": caplog.text, "spark.log": log.read_text(errors="replace")[before:]}
        places |= {name: text for file in home.rglob("*") if file.is_file() for name, text in contents(file, home)}
        return {text: {name for name, content in places.items() if text in content} for text in texts}

    return go


def contents(file: Path, home: Path) -> Iterator[tuple[str, str]]:
    """A file's bytes, and the values in it where it is Parquet, under names that begin with its table."""
    name = str(file.relative_to(home))
    yield name, file.read_bytes().decode("latin-1")
    if file.suffix == ".parquet":
        yield f"{name} decoded", str(parquet.ParquetFile(file).read().to_pylist())


def tables(places: set[str]) -> set[str]:
    """Tables, whether in their rows or in the statistics of their log; and every other place as it is."""
    return {"/".join(place.split("/")[:2]) for place in places}


def test_content_off(run_and_search: Search) -> None:
    """Not one private text anywhere; the search itself works, for it finds the rows' keys."""
    private = (PROMPT, ANSWER, PERSON, *NEVER.values())
    found = run_and_search("off", *private, "chatcmpl-canary", "chat-canary", *IN_MESSAGE)
    assert {text: found[text] for text in private if found[text]} == {}
    for key, bronze in (("chatcmpl-canary", "bronze/litellm"), ("chat-canary", "bronze/chats")):
        assert {bronze, "silver/llm_interactions"} <= tables(found[key])
        assert any(place.endswith(" decoded") for place in found[key])
    for text in IN_MESSAGE:  # an error's text is read, kept as it is in bronze, and masked from there on
        assert tables(found[text]) == {"bronze/litellm"}


def test_content_kept(run_and_search: Search) -> None:
    """Prompts and answers are in bronze and, masked, in the table for them; the rest is nowhere."""
    found = run_and_search("keep", PROMPT, ANSWER, PERSON, *NEVER.values())
    assert {text: found[text] for text in NEVER.values() if found[text]} == {}
    everywhere = {"bronze/litellm", "bronze/chats", "silver/llm_interaction_content"}
    assert tables(found[PROMPT]) == tables(found[ANSWER]) == everywhere
    assert tables(found[PERSON]) == {"bronze/litellm"}
