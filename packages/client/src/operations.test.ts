import { readFile } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import { callAll } from "../test/call-all.ts";
import { FakeServer } from "../test/fake-server.ts";
import { createClient } from "./client.ts";
import { HubbubSignin, personalToken } from "./signin.ts";

/** Operations of the HTTP API that have no call of their own, and why. `HubbubHttp.request` reaches them. */
const WITHOUT_CALL: Readonly<Record<string, string>> = {
  "get /auth/provider": "the browser goes there, and comes back with a ticket",
  "get /auth/provider/callback": "the login provider sends the browser there",
  "get /me/exports/{id}/content": "the address of `exports.link`",
  "post /hooks/in/{hook}/{secret}": "`bots.createHook` answers the address, for programs without the SDK",
  "get /rooms/{id}/files/{file}": "the address of `files.url`",
  "get /rooms/{id}/files/{file}/thumbnail": "the address of `files.url`",
};
/** `hubbub admin` has these, for admins of the server. */
const OF_ADMINS = /^(get|post|put|patch|delete) \/admin\//;

test("every operation of the HTTP API has a call, or a reason for having none", async () => {
  const server = new FakeServer();
  const made = new Set<string>();
  server.http = ({ method = "", url = "" }) => {
    const path = new URL(url, "http://server").pathname.replace("/api/v1", "");
    made.add(`${method.toLowerCase()} ${path}`);
    return { status: 200, body: {} };
  };
  const url = await server.listen();
  const client = createClient({ url, getToken: async () => "token" });
  onTestFinished(() => server.close());
  await client.connect();
  for (const promise of callAll(client).values()) promise.catch(() => undefined);
  new HubbubSignin(client.http).passkeyOptions("ticket").catch(() => undefined);
  personalToken({ url: url, token: "hub_x" })(false).catch(() => undefined);
  const { paths } = JSON.parse(await readFile(new URL("../../../docs/openapi.json", import.meta.url), "utf8")) as {
    readonly paths: Readonly<Record<string, object>>;
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).flatMap((method) => (method === "parameters" ? [] : [`${method} ${path}`])),
  );
  expect(operations.length).toBeGreaterThan(100);
  const isMade = (operation: string) => {
    const pattern = new RegExp(`^${operation.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
    return [...made].some((call) => pattern.test(call));
  };
  const missing = () => operations.filter((operation) => !isMade(operation) && !OF_ADMINS.test(operation));
  await expect.poll(() => missing().sort()).toEqual(Object.keys(WITHOUT_CALL).sort());
  await client.close({ waitMs: 0 });
});
