import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { harmlessJson } from "@hubbub/protocol";
import { userId } from "@hubbub/protocol/codec";
import type { ErasureRecord, Store } from "@hubbub/store";
import { NoSuchUser } from "./sessions-command.ts";

const OPERATOR = { by: "operator" } as const;

type EraseOptions =
  | { readonly how: "user"; readonly user: string }
  | { readonly how: "ledger" }
  | { readonly how: "replay"; readonly file: string };

const PAGE = 1_000;
/** What `--replay` prints. */
interface Replayed {
  /** Users that this database still had, whose erasure begins anew. */
  begun: number;
  /** The database has their erasure already, or never had the user. */
  known: number;
}

/** A line of the file is no entry of a ledger; the message says which. */
export class BadLedger extends Error {
  override readonly name = "BadLedger";
}

/** null: not what the command takes. */
export function parseEraseArguments(args: readonly string[]): EraseOptions | null {
  try {
    const options = {
      user: { type: "string" },
      ledger: { type: "boolean" },
      replay: { type: "string" },
    } as const;
    const { user, ledger, replay } = parseArgs({ args: [...args], options }).values;
    if ([user, ledger, replay].filter((one) => one !== undefined).length !== 1) return null;
    if (user !== undefined) return { how: "user", user };
    return replay === undefined ? { how: "ledger" } : { how: "replay", file: replay };
  } catch {
    return null;
  }
}

/**
 * Erases a user, prints the ledger of erasures, or does the erasures of a ledger again. Only the account is emptied here: any api of the
 * cluster tells gateways of the ended sessions and does the rest. @throws NoSuchUser, BadLedger
 */
export async function eraseCommand(store: Store, options: EraseOptions, print: (text: string) => void): Promise<void> {
  await store.assertSchema();
  if (options.how === "user") print(await eraseUser(store, options.user));
  else if (options.how === "ledger") await printLedger(store, print);
  else {
    const { begun, known } = await replay(store, options.file);
    print(
      `${begun} erasures begun once more, ${known} were done or had nothing to do. The apis of the cluster go on with them.\n`,
    );
  }
}

async function eraseUser({ users, erasures }: Store, name: string): Promise<string> {
  const user = await users.findByUsername(name);
  if (user === null) throw new NoSuchUser(`there is no user ${JSON.stringify(name)}`);
  const ended = (await erasures.request(user.id, new Date(), OPERATOR)) ?? [];
  return `the account ${user.id} is empty, ${ended.length} sessions ended. The apis of the cluster go on with its messages and files.\n`;
}

async function printLedger({ erasures }: Store, print: (text: string) => void): Promise<void> {
  let page: readonly ErasureRecord[] = [];
  do {
    page = await erasures.ledger(page.at(-1)?.user ?? null, PAGE);
    for (const record of page) print(`${harmlessJson(record)}\n`);
  } while (page.length === PAGE);
}

async function replay({ users, erasures }: Store, file: string): Promise<Replayed> {
  const replayed: Replayed = { begun: 0, known: 0 };
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line.trim() === "") continue;
    const record = parseRecord(line, number);
    const isBegun = (await erasures.request(record.user, record.requestedAt, OPERATOR)) !== null;
    if (!isBegun && (await users.find(record.user)) === null) await erasures.note(record);
    replayed[isBegun ? "begun" : "known"] += 1;
  }
  return replayed;
}

function parseRecord(line: string, number: number): ErasureRecord {
  const bad = () =>
    new BadLedger(`line ${number} is no entry of a ledger, as --ledger prints them; nothing after it was done`);
  let parsed: Record<string, unknown>;
  try {
    parsed = Object(JSON.parse(line));
  } catch {
    throw bad();
  }
  const user = userId.safeParse(parsed["user"]);
  const requestedAt = new Date(String(parsed["requestedAt"]));
  if (!user.success || Number.isNaN(requestedAt.getTime())) throw bad();
  return { user: user.data, requestedAt, doneAt: null };
}
