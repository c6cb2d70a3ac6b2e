import { parseTarget, RECIPIENT, TARGET_FORMS, type Target } from "@hubbub/backup";
import { integer, list } from "@hubbub/runtime";
import { isPostgresUrl, POSTGRES_URL_FORMS } from "@hubbub/store";
import { z } from "zod";

const NO_KEYS = { region: "", accessKeyId: undefined, secretAccessKey: undefined };
const MINUTES_MAX = 44_640;
const DAY_MINUTES = 1_440;

export const backupSettings = {
  /** None: no backups. */
  BACKUP_TARGETS: list([]).refine((texts) => texts.every((text) => parseTarget(text, NO_KEYS) !== null), TARGET_FORMS),
  /** 0: only when a command asks for one. */
  BACKUP_EVERY_MINUTES: integer(0, MINUTES_MAX, DAY_MINUTES),
  /** Public keys that backups are sealed for; none: they are plain. */
  BACKUP_RECIPIENTS: list([]).refine(
    (texts) => texts.every((text) => RECIPIENT.test(text)),
    "must be public keys of age (age1…), as `hubbub backup-key FILE` makes them",
  ),
  /** Of a role with REPLICATION, on the server of DATABASE_URL. Default: DATABASE_URL. */
  BACKUP_DATABASE_URL: z.string().refine(isPostgresUrl, POSTGRES_URL_FORMS).optional(),
  BACKUP_S3_REGION: z.string().default("us-east-1"),
  BACKUP_S3_ACCESS_KEY_ID: z.string().optional(),
  BACKUP_S3_SECRET_ACCESS_KEY: z.string().optional(),
};

type BackupSettings = z.output<z.ZodObject<typeof backupSettings>>;

export function targetsOf(settings: BackupSettings): readonly Target[] {
  return settings.BACKUP_TARGETS.map((text) => targetOf(text, settings)).filter((target) => target !== null);
}

/** null: the text is no target. */
export function targetOf(text: string, settings: BackupSettings): Target | null {
  return parseTarget(text, {
    region: settings.BACKUP_S3_REGION,
    accessKeyId: settings.BACKUP_S3_ACCESS_KEY_ID,
    secretAccessKey: settings.BACKUP_S3_SECRET_ACCESS_KEY,
  });
}
