import { useModel } from "../../model.ts";
import { FormPart, textIn } from "../../parts/form-part.tsx";
import { TextField } from "../../parts/text-field.tsx";

const ADDRESS = { mail_disabled: { field: "email" }, email_taken: { field: "email" } };
const CODE = {
  bad_link: { field: "code", text: "This code is wrong, used or expired. Have the mail sent again." },
  email_taken: { field: "code", text: "Another account has confirmed this address. Remove it there first." },
};

interface AddressFormProps {
  readonly address?: string;
  mailed(to: string): void;
  cancel?(): void;
}

/** Has a mail with a code sent to an address. */
export function AddressForm({ address = "", mailed, cancel }: AddressFormProps) {
  const { app } = useModel();
  const send = async (values: FormData): Promise<void> => {
    const email = textIn(values, "email").trim();
    await app.chat?.own.account.changeEmail({ email, password: textIn(values, "password") });
    mailed(email);
  };
  return (
    <FormPart submit="Send the mail" submitId="email-send" rules={ADDRESS} act={send} {...(cancel && { cancel })}>
      <TextField
        id="email-address"
        name="email"
        label="E-mail address"
        type="email"
        maxLength={254}
        required
        autoComplete="email"
        defaultValue={address}
        isFirst={cancel !== undefined}
      />
      <Password id="email-password" />
    </FormPart>
  );
}

/** The code of the mail, for those who read it on another device. */
export function CodeForm({
  to,
  confirmed,
  cancel,
}: {
  to: string;
  confirmed: () => Promise<void>;
  cancel: () => void;
}) {
  const { app } = useModel();
  const confirm = async (values: FormData): Promise<void> => {
    await app.chat?.own.account.confirmEmail(textIn(values, "code").trim());
    app.chat?.notice("Your e-mail address is confirmed.");
    await confirmed();
    cancel();
  };
  return (
    <FormPart submit="Confirm the address" submitId="email-confirm" rules={CODE} act={confirm} cancel={cancel}>
      <p role="status">
        A mail is on its way to <bdi>{to}</bdi>. Open its link, or enter its code here. It is good for 24 hours.
      </p>
      <TextField
        id="email-code"
        name="code"
        label="Code of the mail"
        className="mono"
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={64}
        required
        isFirst
      />
    </FormPart>
  );
}

export function RemoveForm({ removed, cancel }: { removed: () => Promise<void>; cancel: () => void }) {
  const { app } = useModel();
  const remove = async (values: FormData): Promise<void> => {
    await app.chat?.own.account.changeEmail({ email: null, password: textIn(values, "password") });
    app.chat?.notice("Your e-mail address is removed.");
    await removed();
    cancel();
  };
  return (
    <FormPart submit="Remove the address" kind="danger" act={remove} cancel={cancel}>
      <p className="muted">Without an address a forgotten password cannot be reset.</p>
      <Password id="email-remove-password" isFirst />
    </FormPart>
  );
}

function Password({ id, isFirst = false }: { id: string; isFirst?: boolean }) {
  return (
    <TextField
      id={id}
      name="password"
      label="Your password"
      type="password"
      required
      autoComplete="current-password"
      isFirst={isFirst}
    />
  );
}
