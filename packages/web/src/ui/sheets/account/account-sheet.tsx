import { Tabs } from "radix-ui";
import { useRef, useState } from "react";
import { useLook } from "../../message/avatar.tsx";
import { useChat, useModel } from "../../model.ts";
import { Dialog } from "../../overlay/dialog.tsx";
import { Part } from "../../parts/part.tsx";
import { useLoaded } from "../../parts/use-loaded.ts";
import { THEMES, type ThemeName } from "../../theme.ts";
import { DataTab } from "./data-tab.tsx";
import { EmailPart } from "./email-part.tsx";
import { NotifyPart } from "./notify-part.tsx";
import { Guarded } from "./security/guarded.tsx";
import { SecurityTab } from "./security/security-tab.tsx";
import { TokensTab } from "./tokens-tab.tsx";
import { useOffers } from "./use-offers.ts";

const TABS = [
  ["general", "General"],
  ["notifications", "Notifications"],
  ["security", "Security"],
  ["tokens", "Tokens"],
  ["data", "Data"],
] as const;

/** Picture, look and address of the user; what asks for their attention; how they and their programs log in; their data. */
export function AccountSheet({ close }: { close: () => void }) {
  return (
    <Dialog id="account" title="Your account" close={close}>
      <Tabs.Root defaultValue="general" className="tabs">
        <Tabs.List className="tab-list" aria-label="Parts of your account">
          {TABS.map(([value, label]) => (
            <Tabs.Trigger key={value} value={value} className="tab">
              {label}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content value="general" className="tab-body">
          <Picture />
          <Appearance />
          <Email />
          <Operators />
        </Tabs.Content>
        <Tabs.Content value="notifications" className="tab-body">
          <NotifyPart />
        </Tabs.Content>
        <Tabs.Content value="security" className="tab-body">
          <SecurityTab />
        </Tabs.Content>
        <Tabs.Content value="tokens" className="tab-body">
          <TokensTab />
        </Tabs.Content>
        <Tabs.Content value="data" className="tab-body">
          <DataTab />
        </Tabs.Content>
      </Tabs.Root>
    </Dialog>
  );
}

function Email() {
  const offers = useOffers();
  if (offers === undefined) return null;
  return <Guarded guest={null}>{() => <EmailPart isMailOn={offers.mail} />}</Guarded>;
}

/** Nothing for an account without a server role. */
function Operators() {
  const { app } = useModel();
  const [account] = useLoaded(async () => app.chat?.own.account.get().catch(() => undefined));
  if (account?.serverRole === undefined) return null;
  return (
    <Part heading="Operators">
      <p className="muted">You have the server role {account.serverRole}.</p>
      <a id="operators" className="button" href="./admin">
        Open the page of operators
      </a>
    </Part>
  );
}

function Picture() {
  const { app } = useModel();
  const me = useChat((chat) => chat.me.id);
  const [version, setVersion] = useState(0);
  const url = useLook(me, version)?.picture;
  const file = useRef<HTMLInputElement>(null);
  const set = async (picture: File | null): Promise<void> => {
    const isDone = await app.chat?.own.setAvatar(picture);
    if (file.current !== null) file.current.value = "";
    if (isDone === true) setVersion((before) => before + 1);
  };
  return (
    <Part heading="Your picture">
      {url !== undefined && <img id="avatar-shown" className="avatar large" alt="How others see you" src={url} />}
      <input
        ref={file}
        id="avatar-file"
        type="file"
        accept="image/jpeg,image/png,image/webp,image/gif,image/avif"
        aria-label="A picture of you"
        onChange={({ target }) => {
          const [picture] = target.files ?? [];
          if (picture !== undefined) set(picture).catch(reportError);
        }}
      />
      {url !== undefined && (
        <button
          type="button"
          id="avatar-remove"
          className="quiet small"
          onClick={() => void set(null).catch(reportError)}
        >
          Remove the picture
        </button>
      )}
    </Part>
  );
}

const THEME_WORDS: Readonly<Record<ThemeName, string>> = {
  system: "System",
  light: "Light",
  dark: "Dark",
  contrast: "Contrast",
};

function Appearance() {
  const { theme } = useModel();
  const [chosen, setChosen] = useState(theme.chosen);
  return (
    <Part heading="Appearance">
      <fieldset id="themes" className="segments">
        <legend className="visually-hidden">Light or dark</legend>
        {THEMES.map((one) => (
          <label key={one}>
            <input
              type="radio"
              name="theme"
              value={one}
              checked={chosen === one}
              onChange={() => {
                theme.choose(one);
                setChosen(one);
              }}
            />
            <span>{THEME_WORDS[one]}</span>
          </label>
        ))}
      </fieldset>
    </Part>
  );
}
