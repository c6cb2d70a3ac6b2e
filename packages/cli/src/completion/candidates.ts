import { setTimeout as sleep } from "node:timers/promises";
import type { HubbubHttp } from "@hubbub/client";
import { usernameKey } from "@hubbub/protocol";
import { createConnected } from "../connected.ts";
import type { Environment } from "../environment.ts";
import { allMembers } from "../find-member.ts";
import { findRoom, listAll } from "../find-room.ts";
import { harmlessLine } from "../harmless.ts";
import type { Profiles } from "../profiles.ts";
import { COMMANDS, valueKind, type Word } from "./table.ts";

/** The shell waits this long for the server after Tab. */
const SERVER_MS = 1_000;
const CANDIDATES_MAX = 200;

export interface Line {
  /** Without options and their values. */
  readonly words: readonly string[];
  readonly server: string | undefined;
  readonly profile: string | undefined;
  /** The option whose value comes next. */
  readonly open: string | undefined;
}

/** What stands before the word that is completed. */
export function readLine(before: readonly string[]): Line {
  const words: string[] = [];
  const values: Record<string, string> = {};
  let open: string | undefined;
  for (const word of before) {
    if (open !== undefined) {
      values[open] = word;
      open = undefined;
    } else if (valueKind(word) !== undefined) open = word;
    else if (/^--\w+=/.test(word)) values[word.slice(0, word.indexOf("="))] = word.slice(word.indexOf("=") + 1);
    else if (!word.startsWith("-")) words.push(word);
  }
  return { words, server: values["--server"], profile: values["--profile"], open };
}

/** What may follow, of the names that begin with `begun`. A server that does not answer in time has none. */
export async function candidates(env: Environment, profiles: Profiles, line: Line, begun: string): Promise<string[]> {
  const key = usernameKey(begun.replace(/^[#@]/, ""));
  const found: string[] = [];
  const search = async (): Promise<void> => {
    for await (const name of namesOf(wordAt(line), env, profiles, line, begun)) {
      // Names of others that a shell could take for something else are not offered.
      const isPlain = harmlessLine(name) === name && !name.startsWith("-");
      if (isPlain && usernameKey(name).startsWith(key) && found.push(name) >= CANDIDATES_MAX) return;
    }
  };
  await Promise.race([search().catch(() => undefined), sleep(SERVER_MS, undefined, { ref: false })]);
  return found;
}

function wordAt({ words: [command, ...behind], open }: Line): Word {
  if (open !== undefined) return valueKind(open) ?? "";
  if (command === undefined) return [...COMMANDS.keys()];
  const words = COMMANDS.get(command) ?? [];
  return words[Math.min(behind.length, words.length - 1)] ?? "";
}

async function* namesOf(
  word: Word,
  env: Environment,
  profiles: Profiles,
  { words }: Line,
  begun: string,
): AsyncGenerator<string> {
  if (typeof word !== "string") yield* word;
  else if (word === "act") yield* COMMANDS.keys();
  else if (word === "profile") for (const { name } of await profiles.list()) yield name;
  else if (word !== "" && word !== "file") yield* namesAtServer(word, env, words[1] ?? "", begun);
}

async function* namesAtServer(word: Word, env: Environment, room: string, begun: string): AsyncGenerator<string> {
  await using connected = await createConnected(env, undefined);
  const { http } = connected.client;
  switch (word) {
    case "room":
      return yield* roomNames(http, begun);
    case "member": {
      const found = await findRoom(http, room);
      if (found !== undefined) for await (const { user } of allMembers(http, found.id)) yield user.username;
      return;
    }
    case "person":
      for await (const { name, visibility } of listAll(http, { joined: true })) if (visibility === "direct") yield name;
      return;
    case "invitation":
      for (const { name } of await http.invites.invitations()) yield name;
  }
}

/** The own ones, and public ones that have what was typed in their names. */
async function* roomNames(http: HubbubHttp, begun: string): AsyncGenerator<string> {
  const seen = new Set<string>();
  const query = begun.replace(/^#/, "");
  for (const filter of [{ joined: true }, query === "" ? {} : { query }])
    for await (const { name } of listAll(http, filter)) {
      if (!seen.has(name)) yield name;
      seen.add(name);
    }
}
