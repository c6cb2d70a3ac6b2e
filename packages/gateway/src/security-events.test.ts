import { Writable } from "node:stream";
import { createLogger, sealTicket } from "@hubbub/runtime";
import { expect, test } from "vitest";
import { TestClient } from "../test/test-client.ts";
import { memoryBroker, openWorld, startTestGateway } from "../test/test-gateway.ts";

const world = await openWorld();
const ann = await world.user();

test("security events of a gateway are logged with user, address and reason, and without a token", async () => {
  let written = "";
  const sink = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  const log = createLogger({ level: "info", node: "test" }, sink);
  const env = { TRUSTED_PROXIES: "127.0.0.1", CONNECTIONS_PER_USER: "1", ALLOWED_ORIGINS: "https://chat.example" };
  await using gateway = await startTestGateway(world, env, memoryBroker(), log);
  const address = "192.0.2.7";
  const open = (headers = {}) => gateway.client({ headers: { "x-real-ip": address, ...headers } });
  await gateway.as(ann);
  const bad = await open();
  await bad.ask({ type: "hello", token: "forged.token.here" }, "error");
  const token = await ann.token();
  const second = await open();
  await second.ask({ type: "hello", token }, "error");
  const ticket = sealTicket(world.keys, { sub: ann.id, sid: ann.session, name: ann.username, exp: 1 });
  const broken = `${ticket.slice(0, -1)}!`;
  const third = await new TestClient(`${gateway.url}?ticket=${broken}`, { headers: { "x-real-ip": address } }).open();
  expect((await third.closed).code).toBe(4500);
  await expect(open({ origin: "https://evil.example" })).rejects.toThrow("403");
  const events = written
    .split("\n")
    .filter((line) => line.includes('"security":true'))
    .map((line): unknown => JSON.parse(line));
  const refused = { outcome: "refused", address };
  expect(events).toMatchObject([
    { ...refused, event: "hello", reason: "bad_token" },
    { ...refused, event: "hello", reason: "too_many_connections", user: ann.id },
    { ...refused, event: "hello", reason: "bad_ticket" },
    { ...refused, event: "upgrade", reason: "bad_origin" },
  ]);
  expect(written).not.toContain("forged.token.here");
  expect(written).not.toContain(token);
  expect(written).not.toContain(ticket.slice(0, 20));
});
