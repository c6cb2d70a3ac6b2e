import { HubbubError, type Person, type PublicProfile } from "@hubbub/client";
import type { PublicUser } from "@hubbub/protocol";
import { statusOf } from "../../model/people.ts";
import { clockIn, presenceWords } from "../../model/person-words.ts";
import { Avatar } from "../message/avatar.tsx";
import { useModel } from "../model.ts";
import { Dialog } from "../overlay/dialog.tsx";
import { Act } from "../parts/part.tsx";
import { useLoaded } from "../parts/use-loaded.ts";

/** What somebody says of themselves. */
export function PersonSheet({ user, close }: { user: PublicUser; close: () => void }) {
  const { app } = useModel();
  const [found] = useLoaded(async () =>
    app.chat?.do(async (http, account) => {
      const [profile, [person]] = await Promise.all([
        account.profile(user.id).catch(withoutProfile),
        http.presence([user.id]),
      ]);
      return { profile, person };
    }),
  );
  const { profile, person } = found ?? {};
  const write = async (): Promise<void> => {
    if (await app.chat?.message([user.username])) close();
  };
  return (
    <Dialog id="sheet" title={profile?.displayName ?? user.username} close={close}>
      <div className="person">
        <Avatar user={user.id} name={user.username} />
        <div>
          <p>
            <strong dir="auto">@{user.username}</strong> {profile?.isGuest && <span className="badge">guest</span>}
          </p>
          <p className="muted">{found === undefined ? "Loading…" : aboutPresence(profile, person)}</p>
          <p dir="auto">{statusOf(person)}</p>
          {person?.status?.until !== undefined && (
            <p className="muted">until {new Date(person.status.until).toLocaleString()}</p>
          )}
          {profile?.timeZone !== undefined && <LocalTime zone={profile.timeZone} />}
        </div>
      </div>
      {profile !== undefined && <About profile={profile} />}
      <div className="dialog-actions">
        <Act label={`Message ${user.username}`} work={write} />
      </div>
    </Dialog>
  );
}

/** Of somebody who shares no room with the user nothing is told. */
function withoutProfile(error: unknown): undefined {
  if (!(error instanceof HubbubError) || error.code !== "unknown_user") throw error;
}

function aboutPresence(profile: PublicProfile | undefined, person: Person | undefined): string {
  return profile === undefined ? "You share no room." : presenceWords(person);
}

function LocalTime({ zone }: { zone: string }) {
  const clock = clockIn(zone);
  return (
    <p className="muted">
      {clock === "" ? "" : `${clock} `}({zone})
    </p>
  );
}

function About({ profile: { about } }: { profile: PublicProfile }) {
  if (about === undefined) return null;
  return (
    <p className="person-about" dir="auto">
      {about}
    </p>
  );
}
