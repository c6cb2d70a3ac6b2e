import { afterEach, beforeEach, expect, test } from "vitest";
import { Disposal } from "./disposal.ts";
import { eventually } from "./eventually.ts";
import { type Service, startService } from "./services/service.ts";
import { type SupervisionEvent, supervise } from "./supervised.ts";

let owned: Disposal;
beforeEach(() => {
  owned = new Disposal();
});
afterEach(() => owned[Symbol.asyncDispose]());

const listen = "require('node:http').createServer((_, r) => r.end('up')).listen(PORT, '127.0.0.1')";

function startProgram(script: (port: number) => string): Promise<Service> {
  return startService({
    name: "program",
    launch: (port) => ({
      name: "program",
      command: process.execPath,
      args: ["-e", script(port).replaceAll("PORT", `${port}`)],
    }),
    probe: async (port) => {
      await fetch(`http://127.0.0.1:${port}`);
    },
  });
}

async function startSupervised() {
  const events: SupervisionEvent[] = [];
  const service = await startProgram(() => listen);
  const supervised = owned.use(supervise(service, (event) => events.push(event)));
  return { events, supervised };
}

test("a process that dies comes back at its port, and that is told", async () => {
  const { events, supervised } = await startSupervised();
  const { port, pid } = supervised;
  await supervised.kill("SIGKILL");
  await eventually(() => expect(supervised.restarts).toBe(1));
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("up");
  expect(supervised.pid).not.toBe(pid);
  expect(events).toEqual([
    { type: "died", name: "program", exit: { code: null, signal: "SIGKILL" }, restartInMs: 500 },
    { type: "restarted", name: "program", pid: supervised.pid },
  ]);
});

test("a process that keeps dying is started more and more rarely", async () => {
  const { events, supervised } = await startSupervised();
  for (const restarts of [1, 2]) {
    await supervised.kill();
    await eventually(() => expect(supervised.restarts).toBe(restarts), { timeoutMs: 8_000 });
  }
  const delays = events.flatMap((event) => (event.type === "died" ? [event.restartInMs] : []));
  expect(delays).toEqual([500, 1_000]);
});

test("a process that was stopped stays down", async () => {
  const { events, supervised } = await startSupervised();
  await supervised.kill();
  await supervised.stop();
  expect(events.map(({ type }) => type)).toEqual(["died"]);
  await expect(fetch(supervised.url)).rejects.toThrow();
});

test("a program that dies while starting is reported with what it said", async () => {
  const failing = startProgram(() => "console.error('no such setting'); process.exit(3)");
  await expect(failing).rejects.toThrow(/program ended with code 3 while starting:\nno such setting/);
});

test("a port that was taken in the meantime is exchanged for another", async () => {
  const ports: number[] = [];
  const service = await startProgram((port) => {
    ports.push(port);
    return ports.length === 1 ? "console.error('EADDRINUSE'); process.exit(1)" : listen;
  });
  owned.use(service);
  expect(ports).toHaveLength(2);
  expect(service.port).toBe(ports[1]);
});

test("a program that ignores the request to stop is killed at its deadline", async () => {
  const service = await startService({
    name: "stubborn",
    launch: (port) => ({
      name: "stubborn",
      command: process.execPath,
      args: ["-e", `process.on('SIGTERM', () => {}); ${listen.replace("PORT", `${port}`)}`],
      stopDeadlineMs: 200,
    }),
    probe: async (port) => {
      await fetch(`http://127.0.0.1:${port}`);
    },
  });
  await service.stop();
  expect(await service.exited).toEqual({ code: null, signal: "SIGKILL" });
});
