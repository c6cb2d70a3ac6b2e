import { readFileSync } from "node:fs";
import { startEmbedded } from "@hubbub/testkit";
import { expect, test } from "vitest";
import { Socket } from "../socket.ts";
import { Subject } from "../subject.ts";

/** `$name` in a frame stands for what was kept under that name. `with`: fields that the client reads, whatever they hold. */
interface Step {
  readonly send?: Readonly<Record<string, unknown>>;
  readonly get?: Readonly<Record<string, unknown>>;
  readonly with?: readonly string[];
  /** Names, and the fields whose values they keep. */
  readonly keep?: Readonly<Record<string, string>>;
}

/** The frames that a client of the first wire of version 1 sends, and the fields of the answers that it reads. Do not change them. */
const steps = JSON.parse(readFileSync(new URL("./first-wire.json", import.meta.url), "utf8")) as Step[];

function filled(value: unknown, kept: ReadonlyMap<string, unknown>): unknown {
  if (typeof value === "string" && value.startsWith("$")) return kept.get(value.slice(1));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one, kept)]));
}

test("a client that knows the first wire of version 1 alone gets all that it reads", async () => {
  await using embedded = await startEmbedded();
  const person = await new Subject(embedded.url).guest();
  const { user, accessToken } = person.tokens;
  const kept = new Map<string, unknown>([
    ["token", accessToken],
    ["user", user.id],
    ["name", user.username],
    ["room", (await person.room()).id],
  ]);
  await using socket = await Socket.open(embedded.url, "hubbub.v1");
  for (const { send, get, with: fields = [], keep = {} } of steps) {
    if (send !== undefined) socket.send(filled(send, kept) as object);
    if (get === undefined) continue;
    const wanted = filled(get, kept) as Record<string, unknown>;
    // What else comes, a client ignores: it knows no newer types and kinds.
    const told = ["type", "kind", "ref", "id"].filter((name) => wanted[name] !== undefined);
    const frame = await socket.next((one) => told.every((name) => one[name] === wanted[name]), JSON.stringify(wanted));
    expect(frame).toMatchObject(wanted);
    for (const name of fields) expect(frame, `${name} of ${JSON.stringify(wanted)}`).toHaveProperty(name);
    for (const [name, field] of Object.entries(keep)) kept.set(name, frame[field]);
  }
  expect(await socket.closedWith()).toBe(1000);
});
