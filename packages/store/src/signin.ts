import { createAccessTokens } from "./access-tokens.ts";
import type { Database, Statement } from "./database.ts";
import { createIdentities } from "./identities.ts";
import { createPasskeys } from "./passkeys.ts";
import { createSecondFactors } from "./second-factors.ts";
import { createSigninSteps } from "./signin-steps.ts";
import type { Signin } from "./store-signin.ts";

/** Skips locked rows: any number of processes may sweep at once. */
const DELETE_ENDED: Statement = {
  name: "signin-delete-ended",
  text: `
    with steps as (
      delete from hubbub.signin_steps where hash in (
        select hash from hubbub.signin_steps where expires_at < $1 limit $2 for update skip locked
      ) returning 1
    ), tokens as (
      delete from hubbub.access_tokens where id in (
        select id from hubbub.access_tokens where expires_at < $1 limit $2 for update skip locked
      ) returning 1
    )
    select greatest((select count(*) from steps), (select count(*) from tokens))::int as deleted`,
};

export function createSignin(database: Database): Signin {
  return {
    steps: createSigninSteps(database),
    factors: createSecondFactors(database),
    passkeys: createPasskeys(database),
    tokens: createAccessTokens(database),
    identities: createIdentities(database),
    async deleteEnded(before, limit) {
      const [row] = await database.run<{ deleted: number }>(DELETE_ENDED, [before, limit]);
      return row?.deleted ?? 0;
    },
  };
}
