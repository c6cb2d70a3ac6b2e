import { Messages } from "@hubbub/client";
import type { RoomEvent } from "@hubbub/protocol";
import { expect, test } from "vitest";
import { isFollowed, itemsOf } from "./panel.ts";

const said = (seq: number, more: object = {}): RoomEvent =>
  ({ type: "event", kind: "message", seq, epoch: 1, at: seq, text: `${seq}`, by: {}, id: `${seq}`, ...more }) as never;

test("a thread is shown as a whole, whichever of its messages have moved", () => {
  const messages = new Messages();
  messages.add(said(1_031, { epoch: 2, was: [31], thread: 30 }));
  messages.add(said(1_032, { epoch: 2, was: [30] }));
  messages.add(said(1_033, { epoch: 2, thread: 1_032 }));
  messages.add(said(1_034, { epoch: 2 }));
  for (const root of [30, 1_032]) {
    expect(itemsOf({ kind: "thread", root }, messages).map(({ seq }) => seq)).toEqual([1_031, 1_032, 1_033]);
  }
});

test("who writes in a thread, or began it, follows it, unless they chose otherwise", () => {
  const by = (user: string) => ({ event: { by: { id: user } } }) as never;
  const shown = (users: string[], following?: boolean) =>
    isFollowed({ kind: "thread", root: 1, items: users.map(by), isLoading: false, following }, "me");
  expect([shown(["me"]), shown(["me", "ada"]), shown(["ada", "me"]), shown(["ada", "bob"])]).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect([shown(["me", "ada"], false), shown(["ada", "bob"], true)]).toEqual([false, true]);
});
