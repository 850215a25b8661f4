"""What the client raises; the codec's errors are in Rust. All are `fidelog.Error`."""

from __future__ import annotations

from typing import Any, Optional

from ._fidelog import Error


class QueryError(Error):
    """The server refused or could not run a query: `code` for programs, `position` (line, column) in your SQL."""

    def __init__(
        self,
        code: str,
        detail: str,
        position: Optional[tuple[int, int]] = None,
        hint: Optional[str] = None,
        status: Optional[int] = None,
    ) -> None:
        super().__init__(code, detail, position, hint, status)
        self.code = code
        self.detail = detail
        self.position = position
        self.hint = hint
        self.status = status

    @classmethod
    def of(cls, problem: dict[str, Any]) -> QueryError:
        """From a problem document (RFC 9457)."""
        at = problem.get("position")
        position = (int(at["line"]), int(at["column"])) if at else None
        detail = str(problem.get("detail") or problem.get("title") or "no details")
        return cls(str(problem.get("code", "unknown")), detail, position, problem.get("hint"), problem.get("status"))

    def __str__(self) -> str:
        where = f" (line {self.position[0]}, column {self.position[1]})" if self.position else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.code}: {self.detail}{where}{hint}"


class NotExactError(QueryError):
    """The result has rows, not whole records: only `SELECT *` over the logs alone gives these."""

    def __init__(self) -> None:
        super().__init__(
            "not_exact",
            "this result has rows, not records",
            hint="select * (or alias.*) from the logs alone, without join or grouping; or take dicts() or to_arrow()",
        )

    def __reduce__(self) -> tuple[type[NotExactError], tuple[()]]:
        return (NotExactError, ())


class TransportError(Error):
    """The server was not reached, or broke off, also when asked again."""
