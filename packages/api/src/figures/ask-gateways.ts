import { setTimeout as pause } from "node:timers/promises";
import type { Broker, Question } from "@hubbub/broker";
import { newId } from "@hubbub/protocol";
import { type ConnectionsAnswer, connectionsAnswer } from "@hubbub/protocol/http-figures";

/** For which gateways have to answer. */
const ANSWER_MS = 1_000;
const LOOK_MIN_MS = 5;
const LOOK_MAX_MS = 80;

export interface Answers {
  readonly answers: readonly (ConnectionsAnswer & { readonly node: string })[];
  /** Gateways with a lease that did not answer, or in a way that this build does not know. */
  readonly silent: readonly string[];
}

/** Asks the gateways for their connections. A gateway that is busy or of an earlier build is waited for, and left out. */
export async function askGateways(
  broker: Pick<Broker, "presence" | "publishControl">,
  about: Omit<Question, "type" | "id">,
): Promise<Answers> {
  const all = (await broker.presence.nodes()).map(({ node }) => node);
  const nodes = about.node === undefined ? all : all.filter((node) => node === about.node);
  if (nodes.length === 0) return { answers: [], silent: [] };
  const id = newId();
  await broker.publishControl({ type: "asked", id, ...about });
  const until = performance.now() + ANSWER_MS;
  let waitMs = LOOK_MIN_MS;
  let texts = await broker.presence.figures.answers(id, nodes);
  while (texts.includes(null) && performance.now() < until) {
    await pause(waitMs);
    waitMs = Math.min(LOOK_MAX_MS, waitMs * 2);
    texts = await broker.presence.figures.answers(id, nodes);
  }
  const read = nodes.map((node, at) => ({ node, answer: parse(texts[at] ?? null) }));
  return {
    answers: read.flatMap(({ node, answer }) => (answer === null ? [] : [{ node, ...answer }])),
    silent: read.filter(({ answer }) => answer === null).map(({ node }) => node),
  };
}

function parse(text: string | null): ConnectionsAnswer | null {
  return text === null ? null : (connectionsAnswer.safeParse(JSON.parse(text)).data ?? null);
}
