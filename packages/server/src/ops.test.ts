import { createMetrics } from "@hubbub/runtime";
import { expect, test } from "vitest";
import { type Ops, opsOnly, withPublicHealth } from "./ops.ts";
import type { Readiness } from "./readiness.ts";

const status = { ready: false, reasons: ["Postgres does not answer"] };
const readiness = { check: async () => status.reasons, status: async () => status } as unknown as Readiness;

const trace = (query: URLSearchParams) => ({ traced: query.get("seq") });

function answer(
  handler: typeof withPublicHealth,
  hasOwnPort: boolean,
  handOver: (() => Promise<void>) | null = null,
  backUp: (() => Promise<object>) | null = null,
) {
  const ops: Ops = {
    readiness,
    metrics: createMetrics(),
    trace,
    hasOwnPort,
    handOver: () => handOver,
    backUp: () => backUp,
  };
  const serve = handler(ops, ({ url }) => new Response(`served ${new URL(url).pathname}`, { status: 404 }));
  return async (path: string, address = "203.0.113.7", headers: Record<string, string> = {}, method = "GET") => {
    const response = await serve(new Request(`http://host${path}`, { headers, method }), address);
    return { status: response.status, text: await response.text() };
  };
}

test("strangers learn whether a process is alive and ready, and nothing else of its inside", async () => {
  const ask = answer(withPublicHealth, false);
  expect(await ask("/livez")).toEqual({ status: 200, text: "ok\n" });
  expect(await ask("/readyz")).toEqual({ status: 503, text: '{"ready":false}' });
  for (const path of ["/metrics", "/statusz", "/trace"])
    expect(await ask(path)).toEqual({ status: 404, text: `served ${path}` });
});

test("without OPS_PORT the operators' paths are open to this machine, unless a proxy speaks for somebody", async () => {
  const ask = answer(withPublicHealth, false);
  for (const address of ["127.0.0.1", "::1"]) {
    expect((await ask("/metrics", address)).text).toContain("process_cpu");
    expect((await ask("/readyz", address)).text).toContain("Postgres");
  }
  for (const name of ["x-real-ip", "x-forwarded-for", "forwarded", "via"]) {
    expect((await ask("/metrics", "127.0.0.1", { [name]: "x" })).status).toBe(404);
    expect((await ask("/readyz", "127.0.0.1", { [name]: "x" })).text).not.toContain("Postgres");
  }
});

test("without OPS_PORT a page that has its own name point to this machine reads nothing of them", async () => {
  const ask = answer(withPublicHealth, false);
  for (const host of ["rebound.example", "rebound.example:8080", "127.0.0.1.example", "localhost.example:80"]) {
    expect((await ask("/metrics", "127.0.0.1", { host })).status, host).toBe(404);
  }
  for (const host of ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080"]) {
    expect((await ask("/metrics", "127.0.0.1", { host })).text, host).toContain("process_cpu");
  }
});

test("with OPS_PORT they are there alone, and so is the list of gateways; server roles work on both ports", async () => {
  const [open, ops] = [answer(withPublicHealth, true), answer(opsOnly, true)];
  expect((await ops("/trace?seq=7")).text).toBe('{"traced":"7"}');
  for (const path of ["/metrics", "/statusz", "/trace", "/api/v1/admin/nodes"]) {
    expect((await open(path, "127.0.0.1")).text).not.toContain("process_cpu");
    expect((await open(path, "127.0.0.1")).status).toBe(404);
  }
  expect((await open("/readyz", "127.0.0.1")).text).toBe('{"ready":false}');
  expect((await open("/api/v1/admin/nodes")).text).toContain("no such path");
  for (const serve of [open, ops]) expect((await serve("/api/v1/admin/users")).text).toBe("served /api/v1/admin/users");
  expect((await ops("/metrics")).text).toContain("process_cpu");
  expect(await ops("/statusz")).toEqual({ status: 200, text: JSON.stringify(status) });
  expect((await ops("/readyz")).text).toContain("Postgres");
  expect((await ops("/api/v1/admin/nodes")).text).toBe("served /api/v1/admin/nodes");
  expect((await ops("/api/v1/me")).text).toContain("no such path");
});

test("a POST on OPS_PORT, and nowhere else, has a gateway send its clients away", async () => {
  let handedOver = 0;
  const handOver = async () => void handedOver++;
  for (const hasOwnPort of [true, false]) {
    const open = answer(withPublicHealth, hasOwnPort, handOver);
    expect((await open("/hand-over", "127.0.0.1", {}, "POST")).text).toBe("served /hand-over");
  }
  expect((await answer(opsOnly, true)("/hand-over", "127.0.0.1", {}, "POST")).status).toBe(404);
  const ops = answer(opsOnly, true, handOver);
  expect((await ops("/hand-over")).status).toBe(405);
  const ofPage = { origin: "https://evil.example.com" };
  expect((await ops("/hand-over", "127.0.0.1", ofPage, "POST")).status).toBe(403);
  expect(handedOver).toBe(0);
  expect((await ops("/hand-over", "172.30.250.10", {}, "POST")).status).toBe(202);
  expect(handedOver).toBe(1);
});

test("a backup is taken for an operator alone, and answers how it went", async () => {
  const local = answer(withPublicHealth, false, null, async () => ({ deliveries: [] }));
  expect(await local("/backup", "127.0.0.1", {}, "POST")).toEqual({ status: 200, text: '{"deliveries":[]}' });
  expect((await local("/backup", "127.0.0.1", {}, "GET")).status).toBe(405);
  expect((await local("/backup", "127.0.0.1", { origin: "http://evil.example" }, "POST")).status).toBe(403);
  expect((await local("/backup", "203.0.113.7", {}, "POST")).text).toBe("served /backup");
  expect((await local("/backup", "127.0.0.1", { "x-real-ip": "x" }, "POST")).text).toBe("served /backup");
  const own = answer(opsOnly, true, null, async () => Promise.reject(new Error("the disk is full")));
  expect(await own("/backup", "10.0.0.2", {}, "POST")).toEqual({ status: 500, text: '{"detail":"the disk is full"}' });
  expect((await answer(opsOnly, true)("/backup", "10.0.0.2", {}, "POST")).status).toBe(404);
  expect((await answer(withPublicHealth, true, null, async () => ({}))("/backup", "127.0.0.1", {}, "POST")).text).toBe(
    "served /backup",
  );
});
