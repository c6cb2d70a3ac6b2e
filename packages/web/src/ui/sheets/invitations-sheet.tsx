import type { Invitation } from "@hubbub/client";
import { useChat, useModel } from "../model.ts";
import { Dialog } from "../overlay/dialog.tsx";
import { Act, Row } from "../parts/part.tsx";

/** Rooms that others invite the user to. */
export function InvitationsSheet({ close }: { close: () => void }) {
  const { app } = useModel();
  const invitations = useChat((chat) => chat.invitations);
  const answer = async ({ room }: Invitation, isWanted: boolean): Promise<void> => {
    await app.chat?.do(async (http) => {
      if (isWanted) app.chat?.enter(await http.invites.accept(room));
      else await http.invites.decline(room);
    });
    app.chat?.invitations.load();
    close();
  };
  return (
    <Dialog id="sheet" title="Invitations" close={close}>
      <ul className="sheet-list">
        {invitations.map((one) => (
          <Row key={one.room} what={one.name} hint={`by ${one.by.username}`}>
            <Act label="Accept" className="small primary" work={() => answer(one, true)} />
            <Act label="Decline" work={() => answer(one, false)} />
          </Row>
        ))}
      </ul>
    </Dialog>
  );
}
