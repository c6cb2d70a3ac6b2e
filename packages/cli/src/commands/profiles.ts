import { createClient, HubbubError } from "@hubbub/client";
import { explain } from "../cli-error.ts";
import { type Environment, tell } from "../environment.ts";
import { harmlessLine } from "../harmless.ts";
import type { Profile, Profiles } from "../profiles.ts";

export interface ProfilesCommand {
  readonly name: "profiles";
  readonly act: "list" | "use" | "remove";
  /** "" for the list. */
  readonly profile: string;
}

export async function manageProfiles(env: Environment, profiles: Profiles, command: ProfilesCommand): Promise<void> {
  switch (command.act) {
    case "list":
      return list(env, await profiles.list());
    case "use":
      await profiles.use(command.profile);
      return tell(
        env,
        `Commands use the profile ${command.profile} now, unless --profile or HUBBUB_PROFILE names another.`,
      );
    case "remove":
      await endLogins(
        env,
        (await profiles.list()).find(({ name }) => name === command.profile),
      );
      await profiles.remove(command.profile);
      return tell(env, `The profile ${command.profile} is gone.`);
  }
}

function list(env: Environment, all: readonly Profile[]): void {
  if (all.length === 0) tell(env, "There is no profile yet. Log in: hubbub login NAME");
  for (const { name, isCurrent, logins } of all) {
    const mark = isCurrent ? "*" : " ";
    const lines = logins.map(({ server, tokens }) => `${tokens.user.username}  ${server}`);
    for (const line of lines.length === 0 ? ["not logged in"] : lines)
      env.stdout.write(`${harmlessLine(`${mark} ${name}  ${line}`)}\n`);
  }
}

/** At their servers. A server that cannot be asked does not keep a profile. */
async function endLogins(env: Environment, profile: Profile | undefined): Promise<void> {
  for (const { server, tokens } of profile?.logins ?? []) {
    await using client = {
      client: createClient({ url: server, tokens }),
      [Symbol.asyncDispose]: () => client.client.close(),
    };
    await client.client.http.logout().catch((error: unknown) => {
      if (!(error instanceof HubbubError)) throw error;
      if (error.status !== 401) tell(env, `the login at ${server} could not be ended: ${explain(error, server)}`);
    });
  }
}
