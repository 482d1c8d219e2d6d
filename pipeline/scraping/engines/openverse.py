"""Openverse: openly licensed photos through a public API."""

from collections.abc import Generator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from pipeline.scraping.candidates import AnswerError, EngineEndedError, SearchPage
from pipeline.scraping.fetching import MAX_ANSWER_BYTES, Fetcher
from pipeline.scraping.pacing import spoken
from pipeline.scraping.parsing.openverse import parse_openverse, parse_token
from pipeline.scraping.refusals import RefusedError
from pipeline.scraping.settings import OpenverseKey

# Without an account, a page has no more results.
_PAGE_SIZE = 20


@dataclass(slots=True, kw_only=True)
class Openverse:
    """Searches Openverse; every result names its licence and creator."""

    fetcher: Fetcher
    base_url: str
    key: OpenverseKey | None = None
    name: str = "openverse"
    _token: str | None = field(default=None, init=False, repr=False)

    def pages(self, query: str, start: str | None) -> Generator[SearchPage, None, None]:
        """The pages of a search; `next_start` is a page's number."""
        number: str | None = start or "1"
        while number is not None:
            asked = {"q": query, "page": number, "page_size": _PAGE_SIZE, "mature": "false"}
            url = f"{self.base_url}/v1/images/?{urlencode(asked)}"
            try:
                answer = self.fetcher.answer(
                    url, max_bytes=MAX_ANSWER_BYTES, headers=self._authorisation()
                )
                page = parse_openverse(answer)
            except RefusedError as error:
                raise EngineEndedError(self._reason(error)) from error
            except AnswerError as error:
                raise EngineEndedError(f"Openverse can't be asked: {error}") from error
            number = page.next_start
            yield page

    def _authorisation(self) -> dict[str, str]:
        """The header that shows who asks; the key is exchanged for a token once."""
        if self.key is None:
            return {}
        if self._token is None:
            form = {
                "grant_type": "client_credentials",
                "client_id": self.key.client_id,
                "client_secret": self.key.client_secret,
            }
            self._token = parse_token(
                self.fetcher.answer_to_form(
                    f"{self.base_url}/v1/auth_tokens/token/", form, max_bytes=MAX_ANSWER_BYTES
                )
            )
        return {"Authorization": f"Bearer {self._token}"}

    def _reason(self, error: RefusedError) -> str:
        """Why Openverse can't be asked; where its limit is used up, with a way out."""
        if error.retry_after_s is not None:
            wait = spoken(error.retry_after_s)
            whose = "this internet address" if self.key is None else "this key"
            remedy = "" if self.key else ", or get a key of your own for --openverse-key"
            return f"Openverse takes no more requests from {whose} for {wait}; wait{remedy}"
        if self.key is not None and self._token is None:
            return f"Openverse doesn't accept the key of --openverse-key: {error}"
        return f"Openverse can't be asked: {error}"
