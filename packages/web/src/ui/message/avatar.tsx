import { useEffect, useState } from "react";
import type { Look } from "../../model/avatars.ts";
import { useModel } from "../model.ts";
import { hueOf } from "../words.ts";

/** The picture of somebody once it is loaded, until then and without one the first letter of the name. */
export function Avatar({ user, name }: { user?: string; name: string }) {
  const url = useLook(user)?.picture;
  const [letter = ""] = name;
  return (
    <span className={`avatar-tile ${hueOf(name)}`} data-letter={letter.toUpperCase()} aria-hidden="true">
      {url !== undefined && <img className="avatar" alt="" src={url} />}
    </span>
  );
}

/** What somebody calls themselves, beside their name. Two people may call themselves the same. */
export function DisplayName({ user }: { user: string }) {
  const name = useLook(user)?.displayName;
  if (name === undefined) return null;
  return (
    <span className="display-name" dir="auto" title={name}>
      {name}
    </span>
  );
}

/** The look of a user; undefined until it is known. Another `version` fetches it again. */
export function useLook(user: string | undefined, version = 0): Look | undefined {
  const { app } = useModel();
  const [look, setLook] = useState<Look>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version is another look
  useEffect(() => {
    let isGone = false;
    setLook(undefined);
    if (user === undefined) return;
    app.chat?.own.avatars.of(user).then((found) => !isGone && setLook(found), reportError);
    return () => {
      isGone = true;
    };
  }, [app, user, version]);
  return look;
}
