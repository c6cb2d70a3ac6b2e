import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { parseAttackArguments } from "./arguments.ts";
import { broken, held } from "./probe.ts";
import { toMarkdown } from "./report.ts";
import { PROBES, runAttack } from "./run-attack.ts";

test("attack runs only against a URL that its caller owns", () => {
  expect(() => parseAttackArguments(["https://a.example"])).toThrow("--i-own-this");
  expect(() => parseAttackArguments(["--i-own-this"])).toThrow("name one URL");
  expect(() => parseAttackArguments(["--i-own-this", "ftp://a.example"])).toThrow("no URL with http");
  expect(() => parseAttackArguments(["--i-own-this", "--fast", "https://a.example"])).toThrow("--fast");
  expect(parseAttackArguments(["--i-own-this", "https://a.example", "--json"])).toMatchObject({
    isJson: true,
    only: "",
  });
});

test("every probe names requirements of ASVS 5.0, but for what that does not ask for", () => {
  for (const { ids } of PROBES) for (const id of ids) expect(id).toMatch(/^\d{1,2}\.\d\.\d$/);
  expect(PROBES.filter(({ ids }) => ids.length === 0).map(({ name }) => name)).toEqual(["a message sent twice"]);
  expect(new Set(PROBES.map(({ name }) => name)).size).toBe(PROBES.length);
});

const OPERATORS = "paths of operators";

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  onTestFinished(() => void server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

test("attack follows no redirect, which may lead to a server of somebody else", async () => {
  let strangers = 0;
  const stranger = await serve((_, response) => {
    strangers += 1;
    response.end("{}");
  });
  const all = await serve((_, response) => response.writeHead(307, { location: stranger.href }).end());
  await expect(runAttack({ url: all, only: OPERATORS, print: () => undefined })).rejects.toThrow("redirects to");
  const some = await serve((request, response) =>
    (request.method === "POST" ? response.writeHead(403) : response.writeHead(307, { location: stranger.href })).end(),
  );
  const [result] = await runAttack({ url: some, only: OPERATORS, print: () => undefined });
  expect(result).toMatchObject({ verdict: "broken", saw: expect.stringContaining("/trace (307)") });
  expect(strangers).toBe(0);
});

test("an operator's path that is open to everybody is told, and words of the server drive no terminal", async () => {
  const url = await serve((request, response) => {
    const status = request.url === "/backup" ? 405 : request.url === "/api/v1/admin/audit" ? 200 : 404;
    response.writeHead(status, { server: "x/1\u009b2J" }).end("{}");
  });
  const lines: string[] = [];
  const attack = (only: string) => runAttack({ url, only, print: (line) => lines.push(line) });
  const [paths] = await attack(OPERATORS);
  expect(paths?.saw).toBe("open: /backup (405), /api/v1/admin/audit (200)");
  const [versions] = await attack("versions in answers");
  expect(versions?.saw).toBe("x/1\ufffd2J");
  expect(lines.join("")).not.toMatch(/\p{Cc}/u);
});

test("a report is in the order of the requirements, and what a server says cannot break the table", () => {
  const [first, second] = [
    PROBES.find(({ ids }) => ids.includes("12.1.1")),
    PROBES.find(({ ids }) => ids.includes("3.4.2")),
  ];
  if (first === undefined || second === undefined) throw new Error("there are no such probes");
  const text = toMarkdown(new URL("https://a.example/x"), new Date(0), [
    { probe: first, ...broken("a|b\n\u001b"), ms: 1 },
    { probe: second, ...held("fine"), ms: 2 },
  ]);
  expect(text.indexOf("V3.4.2")).toBeLessThan(text.indexOf("V12.1.1"));
  expect(text).toContain("| broken | a b · | 1 |");
  expect(text).toContain("1 held, 1 broken, 0 skipped");
});
