/**
 * An e-mail address within other text; of URLs with a login it masks the login. An escape of JSON in front of an address is no part of
 * it: without its end the line would be no JSON any more.
 */
const MAIL =
  /\\(?:u[\da-fA-F]{4}|.)|([\p{L}\p{N}])[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{0,63}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}(\p{L}{2,63})(?![\p{L}\p{N}])/gu;
const V4 = /^(\d{1,3}\.\d{1,3})\.\d{1,3}\.\d{1,3}$/;
const V6_GROUPS = 2;

/** `ada@example.org` becomes `a***@***.org`, wherever it stands in the text. */
export function maskMails(text: string): string {
  if (!text.includes("@")) return text;
  return text.replace(MAIL, (found, first?: string, end?: string) =>
    first === undefined ? found : `${first}***@***.${end}`,
  );
}

/** The secret of an incoming hook in its path. */
export function maskHooks(text: string): string {
  return text.includes("/hooks/in/") ? text.replace(/(\/hooks\/in\/[^/\s"]+\/)[\w-]+/g, "$1***") : text;
}

/** Keeps the half that names a network: `192.0.x.x`, `2001:db8:x`. What is no address is hidden. */
export function maskAddress(address: string): string {
  const v4 = V4.exec(address);
  if (v4 !== null) return `${v4[1]}.x.x`;
  const groups = address.split(":");
  return groups.length > V6_GROUPS ? `${groups.slice(0, V6_GROUPS).join(":")}:x` : "x";
}
