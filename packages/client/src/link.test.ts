import { afterEach, expect, test, vi } from "vitest";
import { startWired } from "../test/wired.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("a quiet connection is pinged every heartbeatMs and stays", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { server, client } = await startWired((fake) => {
    fake.heartbeatMs = 1_000;
  });
  await vi.advanceTimersByTimeAsync(1_000);
  await vi.waitFor(() => expect(server.of("ping")).toHaveLength(1));
  await vi.waitFor(() => expect(client.state.state).toBe("ready"));
  expect(client.stats.reconnects).toBe(0);
});

test("G9 a connection on which no pong comes is closed and replaced", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { server, client } = await startWired((fake) => {
    fake.heartbeatMs = 1_000;
    fake.intercept = ({ type }) => type === "ping";
  });
  await vi.advanceTimersByTimeAsync(1_000);
  await vi.waitFor(() => expect(server.of("ping")).toHaveLength(1));
  await vi.advanceTimersByTimeAsync(5_000);
  await vi.waitFor(() => expect(client.stats.reconnects).toBe(1));
});

test("a refused request does not explain a later close of the connection", async () => {
  const { server, client, room, states } = await startWired();
  server.intercept = (frame, connection) =>
    frame.type === "publish" ? server.refuse(connection, frame.ref, "forbidden") : undefined;
  await expect(room.publish("no")).rejects.toMatchObject({ code: "forbidden" });
  server.disconnect(4501);
  await vi.waitFor(() => expect(states.at(-1)).toMatchObject({ state: "closed", error: { code: "session_revoked" } }));
  expect(client.state.state).toBe("closed");
});

test("a message that closes the connection with 1009 is refused and not sent again; its neighbours arrive", async () => {
  const { server, client, room } = await startWired();
  let closed = 0;
  server.intercept = (frame, { socket }) => {
    if (frame.type !== "publish" || frame.text.length < 2_000) return undefined;
    closed += 1;
    socket.close(1009);
    return true;
  };
  const texts = ["before", "x".repeat(3_000), "y".repeat(1_000), "after"];
  const outcomes = await Promise.allSettled(texts.map((text) => room.publish(text)));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  expect(outcomes[1]).toMatchObject({ reason: { name: "HubbubError", code: "too_large" } });
  expect(server.log).toMatchObject([{ text: "before" }, { text: "y".repeat(1_000) }, { text: "after" }]);
  expect(closed).toBe(1);
  expect(client.stats.reconnects).toBe(1);
});
