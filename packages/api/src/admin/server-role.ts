import { ProtocolError, type ServerRole, type UserId } from "@hubbub/protocol";
import type { Store } from "@hubbub/store";

/**
 * The role is read for each call: one that was taken away opens nothing any more. `needed` undefined: any role.
 * @throws ProtocolError forbidden
 */
export async function requireServerRole({ admin }: Store, user: UserId, needed?: "admin"): Promise<ServerRole> {
  const role = await admin.roleOf(user);
  if (role === null) throw new ProtocolError("forbidden", "this needs a server role, which an operator grants");
  if (needed === "admin" && role !== "admin") throw new ProtocolError("forbidden", "this needs the server role admin");
  return role;
}
