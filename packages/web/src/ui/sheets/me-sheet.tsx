import { isGuestName, PASSWORD_MIN_LENGTH } from "@hubbub/protocol";
import { useChat, useModel } from "../model.ts";
import { Dialog } from "../overlay/dialog.tsx";
import { FormPart, textIn } from "../parts/form-part.tsx";
import { Act, Part, Row } from "../parts/part.tsx";
import { TextField } from "../parts/text-field.tsx";
import { useLoaded } from "../parts/use-loaded.ts";
import { ProfileForm } from "./profile-form.tsx";
import { StatusForm } from "./status-form.tsx";

/** What concerns the user: status and profile, an account for a guest, blocked users. */
export function MeSheet({ close }: { close: () => void }) {
  const me = useChat((chat) => chat.me);
  return (
    <Dialog id="sheet" title={me.username} close={close}>
      {isGuestName(me.username) && <AccountForm close={close} />}
      <StatusForm me={me} close={close} />
      {!isGuestName(me.username) && <ProfileForm close={close} />}
      <Blocked />
    </Dialog>
  );
}

const NEW_NAME = { username_taken: { field: "username" }, username_reserved: { field: "username" } };

/** Name and password for somebody who came as a guest; all that is there stays. */
function AccountForm({ close }: { close: () => void }) {
  const { app } = useModel();
  const create = async (values: FormData): Promise<void> => {
    await app.chat?.own.register(textIn(values, "username").trim(), textIn(values, "password"));
    close();
    app.chat?.notice("You have an account now. Log in with it anywhere.");
  };
  return (
    <FormPart heading="Make this an account" submit="Create the account" rules={NEW_NAME} act={create}>
      <p className="muted">Your rooms and messages stay, and you can come back from anywhere.</p>
      <TextField
        id="account-name"
        name="username"
        label="Name"
        dir="auto"
        maxLength={32}
        required
        autoComplete="username"
        autoCapitalize="none"
      />
      <TextField
        id="account-password"
        name="password"
        label="Password"
        type="password"
        minLength={PASSWORD_MIN_LENGTH}
        required
        autoComplete="new-password"
      />
    </FormPart>
  );
}

function Blocked() {
  const { app } = useModel();
  const [users, again] = useLoaded(async () => app.chat?.do((_, account) => account.blocked()));
  return (
    <Part heading="Blocked users">
      <ul className="sheet-list">
        {users?.length === 0 && <li className="muted">Nobody.</li>}
        {users?.map(({ id, username }) => (
          <Row key={id} what={username}>
            <Act
              label="Unblock"
              work={async () => {
                await app.chat?.do((_, account) => account.unblock(id));
                await again();
              }}
            />
          </Row>
        ))}
      </ul>
    </Part>
  );
}
