import type { Room } from "@hubbub/protocol";
import { useModel } from "../model.ts";
import { Act, Part, Row } from "../parts/part.tsx";
import { useLoaded } from "../parts/use-loaded.ts";

/** Lists the users banned from a room, for members who may lift bans. An empty list is not shown. */
export function BansPart({ room }: { room: Room }) {
  const { app } = useModel();
  const [found, again] = useLoaded(async () => app.chat?.do((http) => http.moderation.bans(room.id)));
  const bans = found?.bans ?? [];
  if (bans.length === 0) return null;
  const unban = async (user: (typeof bans)[number]["user"]): Promise<void> => {
    await app.chat?.do((http) => http.moderation.unban(room.id, user.id));
    await again();
  };
  return (
    <Part heading="Banned">
      <ul className="sheet-list">
        {bans.map(({ user, reason, until }) => {
          const end = until === undefined ? "" : `until ${new Date(until).toLocaleString()} `;
          return (
            <Row key={user.id} what={user.username} hint={`${end}${reason}`}>
              <Act label="End the ban" work={() => unban(user)} />
            </Row>
          );
        })}
      </ul>
    </Part>
  );
}
