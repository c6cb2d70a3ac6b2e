import { addSigningKey, ensureSigningKeys, promoteSigningKey, removeSigningKey } from "@hubbub/runtime";

/**
 * `keys FILE [--add | --promote [KID] | --remove [KID]]`. Answers what to print, or null when that is no such command.
 * @throws KeyFileError
 */
export async function changeKeys(file: string, option?: string, kid?: string): Promise<string | null> {
  switch (option) {
    case undefined:
      await ensureSigningKeys(file);
      return "";
    case "--add":
      return `${await addSigningKey(file)} added: it verifies. Restart every gateway and api, then --promote it.\n`;
    case "--promote":
      return `${await promoteSigningKey(file, kid)} signs. Restart every gateway and api; --remove the old one when its tokens have ended.\n`;
    case "--remove":
      return `${await removeSigningKey(file, kid)} removed. Restart every gateway and api.\n`;
    default:
      return null;
  }
}
