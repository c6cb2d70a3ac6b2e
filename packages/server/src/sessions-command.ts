import { parseArgs } from "node:util";
import { harmlessJson, type PublicUser } from "@hubbub/protocol";
import type { Store } from "@hubbub/store";
import { masked } from "./admin/masked.ts";

const OPERATOR = { by: "operator" } as const;

interface SessionsOptions {
  /** As typed; any spelling of the name. */
  readonly user: string;
  readonly end: boolean;
  readonly unmasked?: boolean | undefined;
  readonly resetSecondFactor?: boolean | undefined;
}

/** The command cannot be done; the message says why. */
export class NoSuchUser extends Error {
  override readonly name = "NoSuchUser";
}

/** null: not what the command takes. */
export function parseSessionsArguments(args: readonly string[]): SessionsOptions | null {
  try {
    const options = {
      user: { type: "string" },
      end: { type: "boolean" },
      unmasked: { type: "boolean" },
      "reset-second-factor": { type: "boolean" },
    } as const;
    const {
      user,
      end = false,
      unmasked,
      "reset-second-factor": resetSecondFactor,
    } = parseArgs({
      args: [...args],
      options,
    }).values;
    return user === undefined ? null : { user, end, unmasked, resetSecondFactor };
  } catch {
    return null;
  }
}

/**
 * Lists the living sessions of a user, a JSON object a line, or ends all of them and the personal access tokens. Ending is a
 * change of rows, as a logout is: any api tells gateways of it within a second, and their connections close. Or turns second
 * factors off, for a user who lost them. Answers what to print. @throws NoSuchUser
 */
export async function sessionsCommand(
  store: Store,
  { user: name, end, unmasked = false, resetSecondFactor = false }: SessionsOptions,
): Promise<string> {
  await store.assertSchema();
  const user = await store.users.findByUsername(name);
  if (user === null) throw new NoSuchUser(`there is no user ${JSON.stringify(name)}`);
  const factors = resetSecondFactor ? await resetFactors(store, user) : "";
  if (!end && resetSecondFactor) return factors;
  if (!end) {
    const sessions = (await store.sessions.list(user.id)).map((session) => ({ ...session }));
    return sessions.map((session) => `${harmlessJson(unmasked ? session : masked(session))}\n`).join("");
  }
  const { tokens } = await store.signin.tokens.revokeAll(user.id, OPERATOR);
  const { length } = await store.sessions.revokeAll(user.id, {}, OPERATOR);
  return `${factors}${length} sessions of ${user.username} ended, ${tokens} personal access tokens revoked. Connections close when an api has told the gateways: within a second.\n`;
}

async function resetFactors(store: Store, { id, username }: PublicUser): Promise<string> {
  const isOff = await store.signin.factors.reset(id, OPERATOR);
  return isOff ? `${username} logs in without a second factor now.\n` : `${username} had no second factor.\n`;
}
