import assert from "node:assert/strict";
import { eventually, Person } from "@hubbub/testkit";
import type { Container, Stack } from "./stack.ts";

const backMs = 120_000;
/** WATCHDOG_MS of the compose file, the start of a server, and a busy machine. */
const watchdogMs = 120_000;

/** Kills the program of one container of a service, as a crash would, and waits until it is back. */
export async function killInside(stack: Stack, service: string): Promise<void> {
  const before = await stack.container(service);
  await crash(stack, before);
  await isBack(stack, before, 1, backMs);
}

/** @throws unless a container is healthy and was started `restarts` times more than before */
async function isBack(stack: Stack, before: Container, restarts: number, timeoutMs: number): Promise<void> {
  const look = async () => {
    const now = (await stack.containers(before.service)).find(({ id }) => id === before.id);
    assert.equal(now?.restarts, before.restarts + restarts, `restarts of ${before.name}`);
    assert.equal(now?.health, "healthy", `health of ${before.name}`);
  };
  await eventually(look, { timeoutMs, intervalMs: 500 });
}

/** The first process of a container takes no SIGKILL from inside it: this one comes from where the daemon runs. */
async function crash(stack: Stack, { id, service }: Container): Promise<void> {
  const program = PROGRAMS[service] ?? /dist\/main\.js/;
  const top = await stack.docker("top", id, "-eo", "pid,args");
  const processes = top
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+(.*)/));
  const [pid] = processes.find(([, args = ""]) => program.test(args) && !args.includes("docker-init")) ?? [];
  assert.ok(pid, `the program of ${service} is not in ${top}`);
  await stack.daemon.signal(Number(pid), "KILL");
}

const PROGRAMS: Readonly<Record<string, RegExp>> = {
  redis: /^redis-server/,
  postgres: /config_file=/,
  nginx: /^nginx: master/,
};

/** The event loop of one gateway stands still. @throws unless the process ends itself and is started again */
export async function hangsAndIsEnded(stack: Stack): Promise<string> {
  const before = await stack.container("gateway");
  const began = performance.now();
  await stack.docker("exec", before.id, "node", "-e", HANG);
  await isBack(stack, before, 1, watchdogMs);
  const logs = await stack.compose("logs", "--no-log-prefix", "--tail", "200", "gateway");
  assert.match(logs, /the event loop has stood still for/);
  return `ended and healthy again after ${Math.round((performance.now() - began) / 1_000)} s`;
}

/** Opens the debugger of the server's process and has it run an endless loop. */
const HANG = `
const { readdirSync, readFileSync } = require("node:fs");
const pid = readdirSync("/proc").find((name) => {
  try { return name !== String(process.pid) && /^\\d+$/.test(name) && readFileSync("/proc/" + name + "/cmdline", "utf8").startsWith("node\\0"); } catch { return false; }
});
process.kill(Number(pid), "SIGUSR1");
setTimeout(async () => {
  const [{ webSocketDebuggerUrl }] = await (await fetch("http://127.0.0.1:9229/json")).json();
  const socket = new WebSocket(webSocketDebuggerUrl);
  socket.onopen = () => {
    socket.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params: { expression: "for (;;);" } }));
    setTimeout(() => process.exit(), 500);
  };
}, 1_000);
`;

/** A paused gateway: what new connections meet until it goes on. Nothing ends it; this only tells how long they wait. */
export async function pausedGateway(stack: Stack): Promise<string> {
  const paused = await stack.container("gateway");
  const person = await Person.arrive(stack.url);
  await stack.docker("pause", paused.id);
  const attempts = Array.from({ length: 20 }, () =>
    person.connect(stack.wsUrl).then(
      () => true,
      () => false,
    ),
  );
  const served = (await Promise.all(attempts)).filter(Boolean).length;
  await stack.docker("unpause", paused.id);
  await isBack(stack, paused, 0, backMs);
  assert.ok(served > 0, "no connection is served while one gateway is paused");
  return `while one gateway is paused, ${served} of 20 new connections are served within 5 s; the others go on when it does`;
}
