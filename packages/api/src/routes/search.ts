import { createRoute } from "@hono/zod-openapi";
import { ProtocolError, SearchQueryError } from "@hubbub/protocol";
import { searchPage, searchParameters, searchResult } from "@hubbub/protocol/http";
import { createSearcher } from "@hubbub/search";
import { FairSemaphore } from "../auth/fair-semaphore.ts";
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

/** Searches of this process that run, and that wait. Addresses take turns: many users of one keep nobody else waiting. */
const AT_ONCE_MAX = 4;
const WAITING_MAX = 100;

export function route(app: ApiApp, { store, pageTurns, signedIn }: ApiContext): void {
  const searcher = createSearcher(store.search);
  const turns = new FairSemaphore({
    permits: AT_ONCE_MAX,
    queueMax: WAITING_MAX,
    full: () => new ProtocolError("overloaded", "too many searches at once"),
  });

  app.openapi({ ...contract.search, middleware: signedIn }, async (c) => {
    const { q, cursor } = c.req.valid("query");
    const { user } = c.var.caller;
    const { address } = c.env;
    const requester = { address, signal: c.req.raw.signal };
    const page = await pageTurns.read({ user: user.id, address }, () =>
      searcher.page(user.id, q, cursor, (work) => turns.run(work, requester)).catch(toRefusal),
    );
    return c.json(page, 200);
  });
}

function toRefusal(error: unknown): never {
  throw error instanceof SearchQueryError ? new ProtocolError("bad_request", error.message) : error;
}
