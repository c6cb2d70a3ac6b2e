import type { UserId } from "@hubbub/protocol";
import { type Database, type Statement, single } from "./database.ts";
import type { SigninStep, SigninSteps } from "./store-signin.ts";

/** Of a user: the newest ones stay. Only somebody who knows the password begins such a step. */
const BEGIN_OF_USER: Statement = {
  name: "signin-begin-user",
  text: `
    with surplus as (
      delete from hubbub.signin_steps where hash in (
        select hash from hubbub.signin_steps where user_id = $4::uuid order by expires_at desc offset $7::int - 1
      )
    )
    insert into hubbub.signin_steps (hash, kind, address, user_id, data, expires_at)
    values ($1, $2, $3, $4::uuid, $5, $6)`,
};

/** Anybody begins such a step. Calls that run at once may each find the last place. */
const BEGIN_OF_ADDRESS: Statement = {
  name: "signin-begin-address",
  text: `
    with living as (
      select
        (select count(*) from hubbub.signin_steps
          where address = $3 and user_id is null and expires_at > clock_timestamp()) as own,
        (select count(*) from (
          select from hubbub.signin_steps where user_id is null and expires_at > clock_timestamp() limit $7::int
        ) counted) as total
    ), begun as (
      insert into hubbub.signin_steps (hash, kind, address, data, expires_at)
      select $1, $2, $3, $4, $5 from living where own < $6::int and total < $7::int
      returning 1
    )
    select case when exists (select from begun) then 'begun' when own >= $6::int then 'address_full' else 'full' end as state
    from living`,
};

const ATTEMPT: Statement = {
  name: "signin-attempt",
  text: `
    update hubbub.signin_steps set attempts = attempts + 1
    where hash = $1 and kind = $2 and expires_at > clock_timestamp() and attempts < $3
    returning kind, user_id as user, data`,
};

const TAKE: Statement = {
  name: "signin-take",
  text: `
    delete from hubbub.signin_steps where hash = $1 and kind = $2 and expires_at > clock_timestamp()
    returning kind, user_id as user, data`,
};

export function createSigninSteps(database: Database): SigninSteps {
  const one = async (statement: Statement, values: readonly unknown[]): Promise<SigninStep | null> => {
    const [row] = await database.run<{ kind: string; user: UserId | null; data: string }>(statement, values);
    return row ?? null;
  };
  return {
    async begin({ hash, kind, address, user, data, expiresAt, max, total }) {
      if (user !== null) {
        await database.run(BEGIN_OF_USER, [hash, kind, address, user, data, expiresAt, max]);
        return "begun";
      }
      const values = [hash, kind, address, data, expiresAt, max, total];
      return single(await database.run<{ state: "begun" | "address_full" | "full" }>(BEGIN_OF_ADDRESS, values)).state;
    },
    attempt: (hash, kind, attemptsMax) => one(ATTEMPT, [hash, kind, attemptsMax]),
    take: (hash, kind) => one(TAKE, [hash, kind]),
  };
}
