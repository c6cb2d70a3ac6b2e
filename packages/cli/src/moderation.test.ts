import { expect, test } from "vitest";
import { BOB, LOBBY } from "../test/fake-hub.ts";
import { startLoggedIn } from "../test/start.ts";

const REPORT = {
  ...{ id: "r1", room: LOBBY.id, seq: 7, at: 1_700_000_000_000, by: BOB, reason: "abuse", text: "rude" },
  ...{
    author: { id: "u", username: "eve" },
    message: "bad\u001b[2J words",
    messageAt: 1,
    deleted: true,
    state: "open",
  },
  context: [
    { seq: 6, at: 1, by: BOB, text: "before" },
    { seq: 8, at: 1, by: BOB },
  ],
};
const ROOM = `/rooms/${LOBBY.id}`;

test.each([
  [["report", "lobby", "#7"], `POST ${ROOM}/messages/7/reports {"reason":"other"}`, "was reported"],
  [
    ["report", "lobby", "7", "--reason", "spam", "it", "repeats"],
    `POST ${ROOM}/messages/7/reports {"reason":"spam","text":"it repeats"}`,
    "Message #7 was reported",
  ],
  [["resolve", "lobby", "r1", "dismissed"], `PATCH ${ROOM}/reports/r1 {"state":"dismissed"}`, "closed: dismissed"],
  [
    ["resolve", "lobby", "r1", "acted", "spoke", "with", "them"],
    `PATCH ${ROOM}/reports/r1 {"state":"acted","note":"spoke with them"}`,
    "closed: acted",
  ],
])("hubbub %j asks for it and says so", async (argv, call, said) => {
  const { hub, exitCode, err } = await startLoggedIn(argv, (fake) => {
    fake.replies["POST reports"] = [{ status: 201, body: { id: "r1", state: "open" } }];
    fake.replies["PATCH r1"] = [{ status: 200, body: {} }];
  });
  expect(await exitCode).toBe(0);
  expect(hub.calls).toContain(call);
  expect(err()).toContain(said);
});

test("hubbub reports prints all pages with the messages around on harmless lines, or as JSON", async () => {
  for (const [argv, shown] of [
    [
      ["reports", "lobby"],
      ["abuse, reported by bob: rude", "#6 bob: before", "> #7 eve: bad\ufffd[2J words (deleted since)"],
    ],
    [["reports", "lobby", "--json"], ['"message":"bad\\u001b[2J words"']],
  ] as const) {
    const { hub, exitCode, out } = await startLoggedIn(argv, (fake) => {
      fake.replies["GET reports"] = [
        { status: 200, body: { reports: [REPORT], cursor: "c" } },
        { status: 200, body: { reports: [{ ...REPORT, id: "r2" }] } },
      ];
    });
    expect(await exitCode).toBe(0);
    expect(hub.calls.slice(-2)).toEqual([`GET ${ROOM}/reports`, `GET ${ROOM}/reports?cursor=c`]);
    for (const text of [...shown, "r2"]) expect(out()).toContain(text);
  }
});

test("hubbub audit prints who did what", async () => {
  const entry = { id: "a", at: 1, actor: "x", actorName: "ada", act: "member_ban", subject: "y", outcome: "done" };
  const entries = [
    { ...entry, subjectName: "eve", note: "spam" },
    { ...entry, act: "role_set", details: { role: "admin" } },
  ];
  const { exitCode, out } = await startLoggedIn(["audit", "lobby"], (fake) => {
    fake.replies["GET audit"] = [{ status: 200, body: { entries } }];
  });
  expect(await exitCode).toBe(0);
  expect(out()).toContain("ada member_ban eve: spam");
  expect(out()).toContain('ada role_set y {"role":"admin"}');
});

test.each([
  [["report", "lobby", "seven"], "number of a message"],
  [["report", "lobby", "7", "--reason", "boring"], "one of spam, abuse"],
  [["resolve", "lobby", "r1", "open"], "dismissed or acted"],
  [["reports", "lobby", "--close"], "does not go with"],
])("hubbub %j is refused with the usage", async (argv, said) => {
  const { exitCode, err } = await startLoggedIn(argv);
  expect(await exitCode).toBe(2);
  expect(err()).toContain(said);
});
