import { endOf } from "../hostile/attack.ts";
import { encodeText, OPCODE } from "../hostile/frame.ts";
import type { RawWs } from "../hostile/raw-ws.ts";
import { play } from "../hostile/rfc-case.ts";
import { framingCases } from "../hostile/rfc-framing.ts";
import { textAndCloseCases } from "../hostile/rfc-text-and-close.ts";
import { connectPaced, enterPaced, judge, type Outcome, type Probe, type Target, times, withPerson } from "./probe.ts";

const FRAMES = 20_000;
const PUBLISHES = 2_000;
const SILENT = 10;
const SILENT_MS = 25_000;

const json = (frame: object): Buffer => encodeText(JSON.stringify(frame));

/** Counts of answers by type or code until `count` came or the connection ended; the last word is how it ended. */
async function answersTo(ws: RawWs, bytes: Buffer, count: number): Promise<ReadonlyMap<string, number>> {
  const answers = new Map<string, number>();
  const add = (name: string) => answers.set(name, (answers.get(name) ?? 0) + 1);
  await ws.write(bytes);
  for (let left = count; left > 0; ) {
    const frame = await ws.next();
    if (frame === null || frame.opcode === OPCODE.close) {
      add(await endOf(ws));
      return answers;
    }
    const { type, code }: { type: string; code?: string } = JSON.parse(String(frame.payload));
    if (type === "durable" || type === "event") continue;
    add(code ?? type);
    left -= 1;
  }
  await ws.cut();
  return answers;
}

const shown = (answers: ReadonlyMap<string, number>): string =>
  [...answers].map(([name, count]) => `${name} ×${count}`).join(", ");

const rfc = withPerson(async (target, person) => {
  const cases = [...framingCases, ...textAndCloseCases];
  const wrong: string[] = [];
  for (const one of cases) {
    const ws = await enterPaced(target, person);
    const saw = await play(one, ws).catch((error: unknown) => String(error));
    await ws.cut();
    if (saw !== one.expect) wrong.push(`${one.id} ${one.says}: ${saw}, not ${one.expect}`);
  }
  const deviating = cases.filter(({ deviates }) => deviates !== undefined).length;
  return judge(
    wrong.length === 0,
    wrong.length === 0
      ? `${cases.length} cases, ${deviating} of them end without the close frame that RFC 6455 recommends`
      : wrong.join("; "),
  );
});

const flood = withPerson(async (target, person) => {
  const frame = json({ type: "ping", ref: 1 });
  const answers = await answersTo(await enterPaced(target, person), Buffer.concat(times(FRAMES, () => frame)), FRAMES);
  const isHeld = (answers.get("rate_limited") ?? 0) > 0 || answers.has("close 4008") || answers.has("cut");
  return judge(isHeld, shown(answers));
});

const publishFlood = withPerson(async (target, person) => {
  const { id: room } = await person.createRoom();
  const frames = times(PUBLISHES, (at) => json({ type: "publish", ref: at, room, id: `attack-${at}`, text: "x" }));
  const answers = await answersTo(await enterPaced(target, person), Buffer.concat(frames), PUBLISHES);
  return judge((answers.get("rate_limited") ?? 0) > 0 || answers.has("close 4008"), shown(answers));
});

const badFrames = withPerson(async (target, person) => {
  const answers = await answersTo(
    await enterPaced(target, person),
    Buffer.concat(times(400, () => encodeText("{"))),
    400,
  );
  return judge(
    [...answers.keys()].some((name) => /^close|^cut/.test(name)),
    shown(answers),
  );
});

const largeFrame = withPerson(async (target, person) => {
  const answers = await answersTo(await enterPaced(target, person), encodeText("x".repeat(70_000)), 1);
  return judge(
    [...answers.keys()].some((name) => /^close|^cut/.test(name)),
    shown(answers),
  );
});

async function silent({ wsUrl }: Target): Promise<Outcome> {
  const open = await Promise.all(times(SILENT, () => connectPaced(wsUrl)));
  const late = new Promise<null>((resolve) => setTimeout(resolve, SILENT_MS, null).unref());
  const ends = await Promise.all(open.map((ws) => Promise.race([ws.ended, late])));
  await Promise.all(open.map((ws) => ws.cut()));
  const kept = ends.filter((end) => end === null).length;
  return judge(
    kept === 0,
    kept === 0 ? `all ${SILENT} closed` : `${kept} of ${SILENT} open after ${SILENT_MS / 1_000} s`,
  );
}

export const socketProbes: readonly Probe[] = [
  { name: "RFC 6455, frame by frame", ids: ["2.2.1"], expects: "each case ends as listed", run: rfc },
  { name: `${FRAMES} frames at once`, ids: ["2.4.1", "15.2.2"], expects: "rate_limited, then closed", run: flood },
  { name: `${PUBLISHES} publishes at once`, ids: ["2.4.1"], expects: "rate_limited", run: publishFlood },
  { name: "400 frames that are no JSON", ids: ["2.2.1"], expects: "closed", run: badFrames },
  { name: "a frame of 70 KB", ids: ["15.2.2"], expects: "closed", run: largeFrame },
  { name: "connections that never say hello", ids: ["15.2.2"], expects: "closed", run: silent },
];
