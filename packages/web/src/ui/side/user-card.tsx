import type { App } from "../../model/app.ts";
import { addressOf } from "../address.ts";
import { Avatar } from "../message/avatar.tsx";
import { useChat, useModel } from "../model.ts";
import type { Overlays } from "../overlay/overlays.ts";
import { useOverlays } from "../overlay/use-overlays.ts";
import { IconButton } from "../parts/icon-button.tsx";

/** Who is logged in, and the way out. */
export function UserCard() {
  const { app } = useModel();
  const overlays = useOverlays();
  const me = useChat((chat) => chat.me);
  return (
    <footer className="user-card">
      <button
        type="button"
        id="me"
        className="me"
        title="Status, profile and blocked users"
        onClick={() => overlays.openSheet({ kind: "me" })}
      >
        <Avatar user={me.id} name={me.username} />
        <span dir="auto">{me.username}</span>
      </button>
      <IconButton
        id="account-open"
        icon="gear"
        label="Account"
        side="top"
        onClick={() => overlays.openSheet({ kind: "account" })}
      />
      <IconButton
        id="logout"
        icon="leave"
        label="Log out"
        side="top"
        onClick={() => void logout(app, overlays).catch(reportError)}
      />
    </footer>
  );
}

async function logout(app: App, overlays: Overlays): Promise<void> {
  const count = app.chat?.words.count ?? 0;
  const what = count === 1 ? "One text of yours is" : `${count} texts of yours are`;
  const question = `${what} not sent. Logging out discards ${count === 1 ? "it" : "them"}.`;
  if (count > 0 && !(await overlays.ask(question, "Log out"))) return;
  app.logout();
  history.replaceState(null, "", addressOf(undefined));
}
