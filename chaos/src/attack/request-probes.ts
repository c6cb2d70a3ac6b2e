import { randomUUID } from "node:crypto";
import { exchange } from "../hostile/exchange.ts";
import { type HttpCase, httpCases } from "../hostile/http-cases.ts";
import { drips, dripUntilCut } from "../hostile/slowloris.ts";
import { ask, JSON_TYPE, judge, type Outcome, type Probe, type Target, times } from "./probe.ts";

/** A refusal for the rate is a good answer to anything. */
const REFUSED = /^(4\d\d|503|505)\b/;
const TAKEN = /^(101|20\d)\b/;
const AT_ONCE = 4;
const GUESSES = 60;
const CUT_WITHIN_MS = 20_000;
const DRIPS_EACH = 3;
const BODY = "a body";

/** Of the attacked host: a front may tell hosts apart. Those that try the header itself keep theirs. */
function addressed(writes: HttpCase["writes"], host: string): (string | Uint8Array)[] {
  return writes.map((bytes) =>
    typeof bytes === "string" ? bytes.replace(/^Host: (localhost|h)$/gm, `Host: ${host}`) : bytes,
  );
}

/** Another front refuses in other words: what counts is that nothing is taken that is refused here, and nothing breaks. */
function isHeld({ direct, nginx }: HttpCase, saw: string): boolean {
  if (saw === direct || saw === nginx || REFUSED.test(saw)) return true;
  return !/^5\d\d/.test(saw) && !(TAKEN.test(saw) && !TAKEN.test(direct) && !TAKEN.test(nginx));
}

async function wrongRequests({ url }: Target): Promise<Outcome> {
  const cases = httpCases.filter(({ says }) => !/origin|own page|metrics/.test(says));
  const wrong: string[] = [];
  for (let at = 0; at < cases.length; at += AT_ONCE) {
    const some = cases.slice(at, at + AT_ONCE);
    const saw = await Promise.all(some.map(({ writes }) => exchange(url, addressed(writes, url.host))));
    for (const [index, one] of some.entries())
      if (!isHeld(one, saw[index] ?? "")) wrong.push(`${one.says}: ${saw[index]}`);
  }
  return judge(wrong.length === 0, wrong.length === 0 ? `${cases.length} requests` : wrong.join("; "));
}

/** `spoof`: each guess claims another address. */
function guesses(spoof: boolean): Probe["run"] {
  return async ({ url }) => {
    const username = `nobody-${randomUUID().slice(0, 8)}`;
    const answers: number[] = [];
    for (let at = 0; at < GUESSES && !answers.includes(429) && !answers.includes(503); at += 1) {
      const claimed = { "X-Real-IP": `203.0.113.${at + 1}`, "X-Forwarded-For": `203.0.113.${at + 1}` };
      const answer = await ask(new URL("/api/v1/auth/login", url), {
        method: "POST",
        headers: { ...JSON_TYPE, ...(spoof ? claimed : {}) },
        body: JSON.stringify({ username, password: `wrong-${at}` }),
      });
      await answer.arrayBuffer();
      answers.push(answer.status);
    }
    const last = answers.at(-1) ?? 0;
    return judge(last === 429 || last === 503, `${answers.length} guesses, the last one answered ${last}`);
  };
}

async function largeBody({ url }: Target): Promise<Outcome> {
  const head = `POST /api/v1/auth/guest HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\nContent-Length: 1048576\r\n\r\n`;
  const saw = await exchange(url, [head, "x".repeat(1_048_576)]);
  return judge(/^413|^429|^cut$/.test(saw), saw);
}

async function slowly({ url }: Target): Promise<Outcome> {
  const signal = AbortSignal.timeout(CUT_WITHIN_MS);
  const open = drips
    // A front may gather a body for as long as it drips, and keep it to itself.
    .filter(({ name }) => name !== BODY)
    .flatMap((one) => times(DRIPS_EACH, async () => ({ name: one.name, ms: await dripUntilCut(url, one, signal) })));
  const ends = await Promise.all(open);
  const kept = ends.filter(({ ms }) => ms === null).map(({ name }) => name);
  const longest = Math.max(...ends.map(({ ms }) => ms ?? 0));
  const cut = `all ${ends.length} cut within ${(longest / 1_000).toFixed(1)} s`;
  return judge(kept.length === 0, kept.length === 0 ? cut : `held: ${[...new Set(kept)].join(", ")}`);
}

export const requestProbes: readonly Probe[] = [
  {
    name: "wrong and odd requests",
    ids: ["2.2.1", "4.2.1", "13.4.4"],
    expects: "refused, cut, or answered as they should be",
    run: wrongRequests,
  },
  { name: "guessing a password", ids: ["6.3.1"], expects: `429 within ${GUESSES} guesses`, run: guesses(false) },
  {
    name: "guessing from claimed addresses",
    ids: ["4.1.3", "6.3.1"],
    expects: `429 within ${GUESSES} guesses`,
    run: guesses(true),
  },
  { name: "a body of 1 MiB", ids: ["15.2.2"], expects: "413", run: largeBody },
  { name: "slowloris", ids: ["15.2.2"], expects: `each cut within ${CUT_WITHIN_MS / 1_000} s`, run: slowly },
];
