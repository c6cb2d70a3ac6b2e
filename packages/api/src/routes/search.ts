import { createRoute } from "@hono/zod-openapi";
import { ProtocolError, SearchQueryError } from "@hubbub/protocol";
import { searchPage, searchParameters, searchResult } from "@hubbub/protocol/http";
import { createSearcher } from "@hubbub/search";
import type { ApiApp, ApiContext } from "../context.ts";
import { answer, bearer, refusals } from "./shapes.ts";

const resultSchema = searchResult.meta({ id: "SearchResult" });

export const contract = {
  search: createRoute({
    method: "get",
    path: "/search",
    tags: ["messages"],
    summary: "Search the messages of the rooms that the caller is in, the newest first",
    security: bearer,
    request: { query: searchParameters },
    responses: {
      200: answer(
        "one page; `cursor` is missing on the last. A page may have few results or none and still have a `cursor`",
        searchPage.extend({ results: resultSchema.array() }),
      ),
      default: refusals(
        ...(["bad_request", "bad_token", "session_revoked", "unknown_user", "unknown_room"] as const),
        ...(["unsupported", "overloaded"] as const),
      ),
    },
  }),
};

export function route(app: ApiApp, { store, pageTurns, signedIn }: ApiContext): void {
  const searcher = createSearcher(store.search);

  app.openapi({ ...contract.search, middleware: signedIn }, async (c) => {
    const { q, cursor } = c.req.valid("query");
    const { user } = c.var.caller;
    const page = await pageTurns.read({ user: user.id, address: c.env.address }, () =>
      searcher.page(user.id, q, cursor).catch(toRefusal),
    );
    return c.json(page, 200);
  });
}

function toRefusal(error: unknown): never {
  throw error instanceof SearchQueryError ? new ProtocolError("bad_request", error.message) : error;
}
