import { useEffect, useState } from "react";
import { useModel } from "../model.ts";
import { hueOf } from "../words.ts";

/** The picture of somebody once it is loaded, until then and without one the first letter of the name. */
export function Avatar({ user, name }: { user?: string; name: string }) {
  const url = useAvatar(user);
  const [letter = ""] = name;
  return (
    <span className={`avatar-tile ${hueOf(name)}`} data-letter={letter.toUpperCase()} aria-hidden="true">
      {url !== undefined && <img className="avatar" alt="" src={url} />}
    </span>
  );
}

/** Address of the picture of a user; undefined: none. `version`: another one asks again. */
export function useAvatar(user: string | undefined, version = 0): string | undefined {
  const { app } = useModel();
  const [url, setUrl] = useState<string>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version is another picture
  useEffect(() => {
    let isGone = false;
    setUrl(undefined);
    if (user === undefined) return;
    app.chat?.own.avatars.of(user).then((found) => !isGone && setUrl(found), reportError);
    return () => {
      isGone = true;
    };
  }, [app, user, version]);
  return url;
}
