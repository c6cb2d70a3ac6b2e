import type { Profile, PublicProfile, UserId } from "@hubbub/protocol";
import { and, eq, isNotNull, sql } from "drizzle-orm";
import { createAvatars } from "./avatars.ts";
import type { Database } from "./database.ts";
import { users } from "./schema.ts";
import { profiles } from "./schema-accounts.ts";
import type { Profiles } from "./store-own-account.ts";

/** Of users, joined with their profiles. */
export const profileColumns = {
  id: users.id,
  username: users.username,
  isGuest: sql<boolean>`${users.passwordHash} is null`,
  displayName: profiles.displayName,
  timeZone: profiles.timeZone,
  about: profiles.about,
  avatar: profiles.avatar,
};

interface ProfileRow {
  readonly id: string;
  readonly username: string;
  readonly isGuest: boolean;
  readonly displayName: string | null;
  readonly timeZone: string | null;
  readonly about: string | null;
  readonly avatar: string | null;
}

export function toProfile({ id, username, isGuest, ...told }: ProfileRow): PublicProfile {
  return { id: id as UserId, username, isGuest, ...given(told) };
}

function given({ displayName, timeZone, about, avatar }: Omit<ProfileRow, "id" | "username" | "isGuest">): Profile {
  return {
    ...(displayName === null ? {} : { displayName }),
    ...(timeZone === null ? {} : { timeZone }),
    ...(about === null ? {} : { about }),
    ...(avatar === null ? {} : { avatar }),
  };
}

export function createProfiles(database: Database): Profiles {
  return {
    async find(user, asker) {
      const isShared = sql<boolean>`exists (
        select from hubbub.members theirs
        join hubbub.members own on own.room_id = theirs.room_id and own.user_id = ${asker}
        where theirs.user_id = ${user}
      )`;
      const isAsker = user === asker ? sql`true` : isShared;
      const [row] = await database.query((handle) =>
        handle
          .select(profileColumns)
          .from(users)
          .leftJoin(profiles, eq(profiles.userId, users.id))
          .where(and(eq(users.id, user), isAsker)),
      );
      return row === undefined ? null : toProfile(row);
    },

    async change(user, { displayName, timeZone, about }) {
      const wanted = {
        ...(displayName === undefined ? {} : { displayName }),
        ...(timeZone === undefined ? {} : { timeZone }),
        ...(about === undefined ? {} : { about: about === "" ? null : about }),
      };
      const [row] = await database.query((handle) =>
        handle
          .insert(profiles)
          .values({ userId: user, ...wanted })
          .onConflictDoUpdate({ target: profiles.userId, set: { userId: user, ...wanted } })
          .returning({
            displayName: profiles.displayName,
            timeZone: profiles.timeZone,
            about: profiles.about,
            avatar: profiles.avatar,
          }),
      );
      return row === undefined ? {} : given(row);
    },

    async ownerOfSkeleton(skeleton) {
      const [row] = await database.query((handle) =>
        handle
          .select({ id: users.id })
          .from(users)
          .where(and(eq(users.skeleton, skeleton), isNotNull(users.passwordHash))),
      );
      return row === undefined ? null : (row.id as UserId);
    },

    ...createAvatars(database),
  };
}
