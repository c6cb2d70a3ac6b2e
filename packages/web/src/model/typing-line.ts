import type { Typists } from "@hubbub/client";
import type { PublicUser, ServerFrameOf } from "@hubbub/protocol";
import { type Timeline, withProgress } from "./timeline.ts";

/** People that are named. */
const NAMES_MAX = 3;

/** Who types, in words; "" for nobody. */
export function typingLine(users: readonly PublicUser[]): string {
  const names = users.map(({ username }) => username);
  const [first = "", second] = names;
  if (names.length > NAMES_MAX) return "Several people are typing…";
  if (second === undefined) return first === "" ? "" : `${first} is typing…`;
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)} are typing…`;
}

/** Somebody types, or a task of the room goes on. */
export function heardSignal(
  { kind, by, task }: Pick<ServerFrameOf<"signal">, "kind" | "by" | "task">,
  typists: Pick<Typists, "heard">,
  change: (change: (timeline: Timeline) => Timeline) => void,
): void {
  if (kind === "typing") typists.heard(by);
  if (kind !== "progress" || task === undefined) return;
  const { id, done, total } = task;
  change((timeline) => withProgress(timeline, id, { done, total }));
}
