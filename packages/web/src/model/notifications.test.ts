import type { RoomEvent, RoomId, UserId } from "@hubbub/protocol";
import { expect, test, vi } from "vitest";
import { incomingOfEvent } from "./incoming.ts";
import { Notifications, type NotificationsHost, type Notifier, type Permission } from "./notifications.ts";
import { type Incoming, isToBeShown, type NotifyContext, textOfNotification } from "./notify-rules.ts";
import { DEFAULT_SETTINGS, isQuiet, NotifyStore } from "./notify-settings.ts";
import { PageStorage } from "./page-storage.ts";
import type { RoomStatus } from "./room-status.ts";

const me = "me" as UserId;
const tea = { id: "tea" as RoomId, name: "tea", visibility: "public" } as const;
const direct = { id: "d" as RoomId, name: "ada", visibility: "direct" } as const;
const message = (fields: Partial<Incoming> = {}): Incoming => ({
  room: tea,
  seq: 5,
  by: { id: "ada" as UserId, username: "ada" },
  text: "hi",
  hasFiles: false,
  isMention: false,
  isAside: false,
  ...fields,
});
const context = (fields: Partial<NotifyContext> = {}): NotifyContext => ({
  me,
  settings: DEFAULT_SETTINGS,
  isQuiet: false,
  isLookedAt: () => false,
  status: () => ({ level: "all", read: 4 }),
  ...fields,
});
const ofRoom = (level: "all" | "mentions" | "nothing", read = 4) => ({ status: () => ({ level, read }) });
const ofBrowser = (level: "all" | "mentions" | "nothing") => ({ settings: { ...DEFAULT_SETTINGS, level } });

test.each<[string, Partial<Incoming>, Partial<NotifyContext>, boolean]>([
  ["a message of somebody else", {}, {}, true],
  ["an own message", { by: { id: me, username: "me" } }, {}, false],
  ["a message that was read elsewhere", {}, ofRoom("all", 5), false],
  ["a message of a room that is none of the user's", {}, { status: () => undefined }, false],
  ["a message that is looked at", {}, { isLookedAt: (room) => room === tea.id }, false],
  ["a message while another room is looked at", {}, { isLookedAt: (room) => room === direct.id }, true],
  ["a message at a quiet time", { isMention: true }, { isQuiet: true }, false],
  ["a message where the room is muted", { isMention: true }, ofRoom("nothing"), false],
  ["a message where only mentions count", {}, ofRoom("mentions"), false],
  ["a mention where only mentions count", { isMention: true }, ofRoom("mentions"), true],
  ["a message where the browser shows mentions", {}, ofBrowser("mentions"), false],
  ["a direct message where the browser shows mentions", { room: direct }, ofBrowser("mentions"), true],
  ["a mention where the browser shows nothing", { isMention: true }, ofBrowser("nothing"), false],
  ["a reply that is in its thread only", { isAside: true }, {}, false],
  ["a reply in a thread that mentions the user", { isAside: true, isMention: true }, {}, true],
])("%s", (_name, fields, given, expected) => {
  expect(isToBeShown(message(fields), context(given))).toBe(expected);
});

test("a notification is one plain line, bounded, and says who writes where", () => {
  const text = `a\n\tb \u202ec\u0000 ${"x".repeat(500)}`;
  const shown = textOfNotification(message({ text }), 1, true);
  expect(shown).toEqual({ title: "ada in tea", body: `a b c ${"x".repeat(153)}…` });
  expect(textOfNotification(message({ room: direct, text: "😀".repeat(300) }), 3, true)).toEqual({
    title: "ada (3)",
    body: `${"😀".repeat(79)}…`,
  });
  expect(textOfNotification(message({ text: "", hasFiles: true }), 1, true).body).toBe("sent a file");
  expect(textOfNotification(message({ text: "secret" }), 1, false).body).toBe("New message");
});

test("quiet hours may go over midnight, and do not disturb has an end", () => {
  const at = (time: string): Date => new Date(`2026-01-31T${time}`);
  const night = { ...DEFAULT_SETTINGS, quietHours: { from: 22 * 60, to: 7 * 60 } };
  expect(["21:59", "22:00", "06:59", "07:00"].map((time) => isQuiet(night, at(time)))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  const noon = { ...DEFAULT_SETTINGS, quietHours: { from: 12 * 60, to: 13 * 60 } };
  expect(["11:59", "12:00", "13:00"].map((time) => isQuiet(noon, at(time)))).toEqual([false, true, false]);
  const until = { ...DEFAULT_SETTINGS, quietUntil: at("12:00").getTime() };
  expect(["11:59", "12:00"].map((time) => isQuiet(until, at(time)))).toEqual([true, false]);
});

function setUp(permission: Permission = "granted") {
  const shown: { title: string; body: string; tag: string; clicked: () => void; isClosed: boolean }[] = [];
  const timers: { work: () => void; isStopped: boolean }[] = [];
  const read = new Map<RoomId, number>();
  const lookedAt = new Set<RoomId>();
  const notifier = {
    permission,
    ask: vi.fn(async () => "granted" as const),
    show: vi.fn((given) => {
      const one = { ...given, isClosed: false };
      shown.push(one);
      return {
        close: () => {
          one.isClosed = true;
        },
      };
    }),
  } satisfies Notifier;
  const storage = new PageStorage(() => ({}) as Storage, "hubbub.");
  const open = vi.fn();
  const notifications = new Notifications({
    me,
    notifier,
    store: new NotifyStore(storage, me),
    now: () => new Date(),
    later: (work: () => void) => {
      const timer = { work, isStopped: false };
      timers.push(timer);
      return () => {
        timer.isStopped = true;
      };
    },
    isLookedAt: (room: RoomId) => lookedAt.has(room),
    status: (room: RoomId) => ({ level: "all", read: read.get(room) ?? 0 }) as RoomStatus,
    open,
    changed: () => undefined,
  } satisfies NotificationsHost);
  const run = (): void => {
    for (const timer of timers.splice(0)) if (!timer.isStopped) timer.work();
  };
  return { notifications, notifier, shown, read, lookedAt, open, run, storage };
}

test("a room has one notification, which counts and tells the newest message, however often it is told", () => {
  const { notifications, shown, run } = setUp();
  notifications.heard(message({ seq: 1 }));
  notifications.heard(message({ seq: 2, text: "two" }));
  notifications.heard(message({ seq: 2, text: "two" }));
  notifications.heard(message({ seq: 1, room: direct }));
  run();
  expect(shown.map(({ title, body, tag }) => [title, body, tag])).toEqual([
    ["ada in tea (2)", "two", "room tea"],
    ["ada", "hi", "room d"],
  ]);
  notifications.heard(message({ seq: 2 }));
  notifications.heard(message({ seq: 3, text: "three" }));
  run();
  expect(shown.slice(2).map(({ title, body }) => [title, body])).toEqual([["ada in tea (3)", "three"]]);
});

test("what is read elsewhere is not shown, and taken off where it is shown", () => {
  const { notifications, shown, read, run } = setUp();
  notifications.heard(message({ seq: 5 }));
  read.set(tea.id, 5);
  notifications.settle();
  notifications.heard(message({ seq: 6, text: "six" }));
  run();
  // What was read is not counted.
  expect(shown.map(({ title, body }) => [title, body])).toEqual([["ada in tea", "six"]]);
  read.set(tea.id, 6);
  notifications.settle();
  expect(shown.map(({ isClosed }) => isClosed)).toEqual([true]);
});

test("a room that is opened before its notification is shown has none", () => {
  const { notifications, shown, lookedAt, run } = setUp();
  notifications.heard(message({ seq: 5 }));
  lookedAt.add(tea.id);
  run();
  expect(shown).toEqual([]);
});

test("a click opens the room at the message, and the notification goes", () => {
  const { notifications, shown, open, run } = setUp();
  notifications.heard(message({ seq: 5 }));
  run();
  shown[0]?.clicked();
  expect(open.mock.calls).toEqual([["tea", 5]]);
  expect(shown[0]?.isClosed).toBe(true);
});

test("nobody is asked but by an act of the user, and without permission nothing is shown", async () => {
  const { notifications, notifier, run } = setUp("default");
  notifications.heard(message());
  run();
  expect([notifier.ask.mock.calls.length, notifier.show.mock.calls.length]).toEqual([0, 0]);
  await notifications.ask();
  expect(notifications.state.permission).toBe("granted");
  notifications.heard(message());
  run();
  expect(notifier.show).toHaveBeenCalledOnce();
});

test("a platform that cannot show any is not asked again", () => {
  const { notifications, notifier, run } = setUp();
  notifier.show.mockImplementation(() => {
    throw new TypeError("Illegal constructor");
  });
  notifications.heard(message({ seq: 5 }));
  run();
  expect(notifications.state.permission).toBe("unsupported");
  notifications.heard(message({ seq: 6 }));
  run();
  expect(notifier.show).toHaveBeenCalledOnce();
});

test("settings are kept, and damaged ones count as none", () => {
  const { notifications, storage } = setUp();
  const settings = { ...DEFAULT_SETTINGS, level: "mentions", quietHours: { from: 0, to: 60 } } as const;
  notifications.set(settings);
  expect(new NotifyStore(storage, me).read()).toEqual(settings);
  storage.set("notify.me", JSON.stringify({ ...settings, level: "loud" }));
  expect(new NotifyStore(storage, me).read()).toEqual(DEFAULT_SETTINGS);
});

test("an event mentions the user by name or with all members", () => {
  const event = (mentions: object) =>
    ({ kind: "message", seq: 1, text: "", by: { id: "ada", username: "ada" }, mentions }) as never as RoomEvent;
  const user = { id: me, username: "Me" };
  const found = [{ names: ["me"] }, { room: true }, { here: true }, { names: ["you"] }, undefined].map(
    (mentions) => incomingOfEvent(tea, event(mentions as never), user)?.isMention,
  );
  expect(found).toEqual([true, true, true, false, false]);
});
