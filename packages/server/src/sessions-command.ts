import { parseArgs } from "node:util";
import { harmlessJson } from "@hubbub/protocol";
import type { Store } from "@hubbub/store";

interface SessionsOptions {
  /** As typed; any spelling of the name. */
  readonly user: string;
  readonly end: boolean;
}

/** The command cannot be done; the message says why. */
export class NoSuchUser extends Error {
  override readonly name = "NoSuchUser";
}

/** null: not what the command takes. */
export function parseSessionsArguments(args: readonly string[]): SessionsOptions | null {
  try {
    const options = { user: { type: "string" }, end: { type: "boolean" } } as const;
    const { user, end = false } = parseArgs({ args: [...args], options }).values;
    return user === undefined ? null : { user, end };
  } catch {
    return null;
  }
}

/**
 * Lists the living sessions of a user, a JSON object a line, or ends all of them. Ending is a change of rows, as a logout is:
 * any api tells gateways of it within a second, and their connections close. Answers what to print. @throws NoSuchUser
 */
export async function sessionsCommand(store: Store, { user: name, end }: SessionsOptions): Promise<string> {
  await store.assertSchema();
  const user = await store.users.findByUsername(name);
  if (user === null) throw new NoSuchUser(`there is no user ${JSON.stringify(name)}`);
  if (!end) return (await store.sessions.list(user.id)).map((session) => `${harmlessJson(session)}\n`).join("");
  const { length } = await store.sessions.revokeAll(user.id);
  return `${length} sessions of ${user.username} ended. Connections close when an api has told the gateways: within a second.\n`;
}
