import { PASSWORD_MIN_LENGTH } from "@hubbub/protocol";
import { useModel } from "../../../model.ts";
import { FormPart, textIn } from "../../../parts/form-part.tsx";
import { TextField } from "../../../parts/text-field.tsx";

const RULES = {
  bad_credentials: { field: "currentPassword", text: "This is not your present password. Try again." },
  weak_password: { field: "newPassword" },
};

/** The other logins end with it. */
export function PasswordPart() {
  const { app } = useModel();
  const change = async (values: FormData, form: HTMLFormElement): Promise<void> => {
    const [currentPassword, newPassword] = [textIn(values, "currentPassword"), textIn(values, "newPassword")];
    await app.chat?.own.account.changePassword({ currentPassword, newPassword });
    form.reset();
    app.chat?.notice("Your new password holds. Your other logins have ended.");
  };
  return (
    <FormPart heading="Password" submit="Change the password" rules={RULES} act={change}>
      <TextField
        id="password-current"
        name="currentPassword"
        label="Present password"
        type="password"
        required
        autoComplete="current-password"
      />
      <TextField
        id="password-new"
        name="newPassword"
        label="New password"
        type="password"
        minLength={PASSWORD_MIN_LENGTH}
        required
        autoComplete="new-password"
      />
    </FormPart>
  );
}
