import { expect, test } from "vitest";
import { BOB, LOBBY } from "../test/fake-hub.ts";
import { startLoggedIn } from "../test/start.ts";

const RESULT = { room: LOBBY.id, seq: 7, at: 1_700_000_000_000, by: BOB, text: "green\u001b[2J tea", highlights: [] };

test("hubbub search prints results on harmless lines, or as JSON, behind pages that are empty", async () => {
  for (const [argv, shown, named] of [
    [["search", "tea from:bob"], "lobby #7  bob: green\ufffd[2J tea\n", [`GET /rooms/${LOBBY.id}`]],
    [["search", "tea from:bob", "--json"], '"text":"green\\u001b[2J tea"', []],
  ] as const) {
    const { hub, exitCode, out, err } = await startLoggedIn(argv, (fake) => {
      fake.replies["GET search"] = [
        { status: 200, body: { results: [], cursor: "c", partial: true } },
        { status: 200, body: { results: [RESULT], cursor: "d" } },
      ];
    });
    expect(await exitCode).toBe(0);
    expect(hub.calls).toEqual(["GET /search?q=tea+from%3Abob", "GET /search?q=tea+from%3Abob&cursor=c", ...named]);
    expect(out()).toContain(shown);
    expect(err()).toContain("There may be more");
  }
});

test("hubbub search says what is wrong with a query", async () => {
  const detail = "a quote is not closed (character 5)";
  const { exitCode, err } = await startLoggedIn(["search", 'tea "green'], (fake) => {
    fake.replies["GET search"] = [{ status: 400, body: { code: "bad_request", detail } }];
  });
  expect(await exitCode).toBe(1);
  expect(err()).toContain(detail);
});
