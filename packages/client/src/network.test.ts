import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startWired } from "../test/wired.ts";

/** A window and a document, as far as the client listens to them. */
let page: EventTarget;
let view: EventTarget & { visibilityState: string };

beforeEach(() => {
  page = new EventTarget();
  view = Object.assign(new EventTarget(), { visibilityState: "visible" });
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("document", view);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const pageshow = (persisted: boolean) => page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted }));
function see(visibilityState: string): void {
  view.visibilityState = visibilityState;
  view.dispatchEvent(new Event("visibilitychange"));
}

test("a lost network closes the connection, and publishes are sent when it is back", async () => {
  const { client, room, states, server } = await startWired();
  page.dispatchEvent(new Event("offline"));
  expect(states.at(-1)).toMatchObject({ state: "waiting", error: { code: "unreachable" } });
  const published = room.publish("said while offline");
  page.dispatchEvent(new Event("online"));
  expect(client.state.state).toBe("connecting");
  await published;
  expect(server.log).toMatchObject([{ text: "said while offline" }]);
});

test("a page that becomes visible pings at once, one ping at a time, and drops a dead connection", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { client, server } = await startWired();
  see("hidden");
  pageshow(false);
  expect(server.of("ping")).toHaveLength(0);
  see("visible");
  await vi.waitFor(() => expect(server.of("ping")).toHaveLength(1));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(client.stats.reconnects).toBe(0);

  server.intercept = ({ type }) => type === "ping";
  pageshow(true);
  see("visible");
  await vi.waitFor(() => expect(server.of("ping")).toHaveLength(2));
  await vi.advanceTimersByTimeAsync(5_000);
  await vi.waitFor(() => expect(client.stats.reconnects).toBe(1));
});

test("a page that becomes visible reconnects without delay", async () => {
  const { client, server } = await startWired();
  for (const awaken of [() => pageshow(true), () => see("visible")]) {
    // The next attempt does not begin by itself.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    server.disconnect();
    while (client.state.state !== "waiting") await turn();
    vi.useRealTimers();
    awaken();
    expect(client.state.state).toBe("connecting");
    await vi.waitFor(() => expect(client.state.state).toBe("ready"));
  }
});

test("a closed client removes its listeners", async () => {
  const { client, states } = await startWired();
  await client.close();
  const told = states.length;
  for (const event of ["offline", "online"]) page.dispatchEvent(new Event(event));
  see("visible");
  expect(states).toHaveLength(told);
});
