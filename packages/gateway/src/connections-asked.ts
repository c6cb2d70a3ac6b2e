import type { Question } from "@hubbub/broker";
import type { ConnectionsAnswer, ConnectionView } from "@hubbub/protocol/http-figures";
import { maskAddress } from "@hubbub/runtime";
import type { Connection } from "./connections/connection.ts";
import type { GatewayContext } from "./create-context.ts";

type Asked = Pick<Question, "room" | "user" | "after" | "limit">;
type Parts = Pick<GatewayContext, "connections" | "hub" | "broker" | "background">;

/** Tells operators which connections of this gateway are what they asked for. */
export function answerQuestion(parts: Parts, node: string, question: Question): void {
  if (question.node !== undefined && question.node !== node) return;
  const answer = JSON.stringify(answerOf(parts, node, question));
  void parts.background.attempt("answers to operators", () =>
    parts.broker.presence.figures.answer(question.id, node, answer),
  );
}

function answerOf(parts: Parts, node: string, asked: Asked): ConnectionsAnswer {
  const { after = "", limit } = asked;
  const page: Connection[] = [];
  const users = new Set<string>();
  let total = 0;
  for (const connection of candidates(parts, asked)) {
    if (asked.room !== undefined && !connection.subscriptions.has(asked.room)) continue;
    total += 1;
    if (connection.identity !== null) users.add(connection.identity.user.id);
    if (connection.id > after) keepLeast(page, connection, limit);
  }
  return { total, users: users.size, connections: page.map((one) => view(one, node)) };
}

function candidates({ connections, hub }: Parts, { room, user }: Asked): Iterable<Connection> {
  if (user !== undefined) return connections.byUser.of(user);
  return room === undefined
    ? { [Symbol.iterator]: () => connections[Symbol.iterator]() }
    : (hub.find(room)?.listeners ?? []);
}

/** Keeps the page at the least ids, in their order: in one pass, without sorting all connections. */
function keepLeast(page: Connection[], connection: Connection, limit: number): void {
  const last = page.at(-1);
  if (page.length >= limit && (last === undefined || connection.id > last.id)) return;
  const at = page.findLastIndex(({ id }) => id < connection.id) + 1;
  page.splice(at, 0, connection);
  if (page.length > limit) page.pop();
}

function view(connection: Connection, node: string): ConnectionView {
  const { id, identity, address, openedAt, subscriptions, bufferedBytes, isSlow } = connection;
  return {
    id,
    node,
    ...(identity === null ? {} : { user: identity.user }),
    address: maskAddress(address),
    openedAt: Math.round(performance.timeOrigin + openedAt),
    rooms: subscriptions.size,
    unsent: bufferedBytes,
    slow: isSlow,
  };
}
