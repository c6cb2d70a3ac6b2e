import { parseArgs } from "node:util";

export interface DoctorArguments {
  readonly isJson: boolean;
  /** A configuration of nginx to look at. */
  readonly nginx: string | undefined;
}

export const DOCTOR_USAGE = `usage: hubbub doctor [--json] [--nginx FILE]
                  is this going to hold? Looks at Redis, Postgres, disks, certificates, backups and processes, and changes nothing.
                  --nginx FILE: a configuration of nginx as well (nginx -T > FILE)
       hubbub audit-config [--json]
                  may it be so? Looks at the settings and the rights, and names the requirements of ASVS, GDPR and HIPAA

Both take the environment of the processes. They end with 0: no fault (there may be warnings); 1: a fault; 2: it could not be checked.
`;

/** null: not what the command takes. */
export function parseDoctorArguments(
  command: "doctor" | "audit-config",
  args: readonly string[],
): DoctorArguments | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { json: { type: "boolean" }, nginx: { type: "string" } },
    });
    if (command === "audit-config" && values.nginx !== undefined) return null;
    return { isJson: values.json ?? false, nginx: values.nginx };
  } catch {
    return null;
  }
}
