import { setTimeout as sleep } from "node:timers/promises";
import { Person, type WsClient } from "@hubbub/testkit";
import type { Stack } from "./stack.ts";

const users = 10;
/** The limit of the strict stack is ten for a user, and ten upgrades a second for an address. */
const perUser = 10;
const goawayWithinMs = 3_000;
const closedWithinMs = 30_000;

/** Clients that only listen, and tell when they were told to go and when they were closed. */
export async function openWatchers(stack: Stack): Promise<readonly WsClient[]> {
  const people = await Promise.all(Array.from({ length: users }, () => Person.arrive(stack.url)));
  return (
    await Promise.all(
      people.map((person) => Promise.all(Array.from({ length: perUser }, () => person.connect(stack.wsUrl)))),
    )
  ).flat();
}

/** @throws unless every client is told `goaway` within 3 s of the beginning of `act`, before its connection is closed */
export async function allToldToGo(stack: Stack, act: () => Promise<unknown>): Promise<string> {
  const clients = await openWatchers(stack);
  const began = performance.now();
  const told = clients.map((client) =>
    client.next("goaway", closedWithinMs).then(
      () => performance.now() - began,
      () => null,
    ),
  );
  const closed = clients.map((client) => client.closed.then(({ code }) => code));
  await act();
  const tookMs = performance.now() - began;
  const times = await Promise.race([Promise.all(told), sleep(closedWithinMs, null, { ref: false })]);
  if (times === null) throw new Error("clients were neither told to go nor closed");
  const codes = await Promise.all(closed);
  const late = times.filter((ms) => ms === null || ms > goawayWithinMs).length;
  const byCode = [...new Set(codes)]
    .map((code) => `${code}: ${codes.filter((other) => other === code).length}`)
    .join(", ");
  const slowest = Math.max(...times.map((ms) => ms ?? Number.POSITIVE_INFINITY));
  const seen = `slowest goaway after ${Math.round(slowest)} ms, closed with ${byCode}; the command took ${Math.round(tookMs)} ms`;
  if (late > 0)
    throw new Error(`${late} of ${clients.length} clients were not told within ${goawayWithinMs} ms; ${seen}`);
  return `${clients.length} of ${clients.length} told; ${seen}`;
}
