import { PASSWORD_MIN_LENGTH } from "@hubbub/protocol";
import { useModel } from "../../model.ts";
import { FormPart, textIn } from "../../parts/form-part.tsx";
import { Field } from "../../parts/part.tsx";

/** The other logins end with it. */
export function PasswordPart() {
  const { app } = useModel();
  const change = async (values: FormData, form: HTMLFormElement): Promise<void> => {
    const passwords = { currentPassword: textIn(values, "current"), newPassword: textIn(values, "new") };
    const isDone = await app.chat?.do((_, account) => account.changePassword(passwords).then(() => true));
    if (isDone !== true) return;
    form.reset();
    app.chat?.notice("Your new password holds. Your other logins have ended.");
  };
  return (
    <FormPart heading="Password" submit="Change the password" act={change}>
      <Field label="Present password">
        <input
          id="password-current"
          name="current"
          type="password"
          maxLength={128}
          required
          autoComplete="current-password"
        />
      </Field>
      <Field label="New password">
        <input
          id="password-new"
          name="new"
          type="password"
          minLength={PASSWORD_MIN_LENGTH}
          maxLength={128}
          required
          autoComplete="new-password"
        />
      </Field>
    </FormPart>
  );
}
