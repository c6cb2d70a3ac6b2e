import type { Alert } from "./alert.ts";

const b1 = 'job="hubbub",instance="b1",target="file:/backups"';
const age = "min by (target) (hubbub_backup_age_seconds)";
const untested = "min by (target) (hubbub_backup_untested_seconds)";
/** A process that is gone reports nothing: its last figures tell that there was one. */
const gone = `(min by (target) (last_over_time(hubbub_backup_age_seconds[2d])) unless ${age})`;

/** What nobody notices before it is needed. */
export const alertsOfBackups: readonly Alert[] = [
  {
    name: "HubbubBackupOld",
    severity: "ticket",
    expression: `${age} > scalar(max(hubbub_backup_age_limit_seconds)) or ${gone}`,
    holds: "30m",
    summary: "The newest backup in {{ $labels.target }} is old, there is none, or nobody takes backups any more.",
    effect: "Nothing yet. After a loss of the database, everything since that backup is lost with it.",
    steps: [
      "Look whether a process with the role `backup` runs, and what its `/statusz` says. Start one if there is none.",
      "Its log says why a backup failed: `a target has not taken the backup`, `a backup failed`.",
      "`npx hubbub backup now` takes one at once, and prints what each target says.",
      "`npx hubbub backup list` shows what each target has. A target that is full or lost: name another one in `BACKUP_TARGETS`.",
    ],
    example: {
      fires: [
        [`hubbub_backup_age_seconds{${b1}}`, "200000+15x180"],
        [`hubbub_backup_age_limit_seconds{instance="b1"}`, "172800x180"],
      ],
      firesToo: [
        [`hubbub_backup_age_seconds{${b1}}`, "100+15x10 stale"],
        [`hubbub_backup_age_limit_seconds{instance="b1"}`, "172800x10 stale"],
      ],
      silent: [
        [`hubbub_backup_age_seconds{${b1}}`, "100+15x180"],
        [`hubbub_backup_age_limit_seconds{instance="b1"}`, "172800x180"],
      ],
      at: "40m",
    },
  },
  {
    name: "HubbubBackupUntested",
    severity: "ticket",
    expression: `${untested} > 30 * 86400 < Inf`,
    holds: "30m",
    summary: "No backup in {{ $labels.target }} was restored and verified for 30 days.",
    effect: "Nothing yet. Only a restore shows that a backup can be restored, and that somebody has its key.",
    steps: [
      "`npx hubbub drill restore` restores the newest one beside the running cluster, verifies it, and removes the copy. A clean one is marked as tested, and the alert ends within five minutes.",
      "`npx hubbub backup check --all` finds damaged and missing parts meanwhile. It does not end this alert.",
      "A sealed backup cannot be restored without its key. If the key is lost, set another one in `BACKUP_RECIPIENTS` and take a new backup today: `npx hubbub backup now`.",
    ],
    example: {
      fires: [[`hubbub_backup_untested_seconds{${b1}}`, "2600000+15x180"]],
      silent: [
        [`hubbub_backup_untested_seconds{${b1}}`, "86400+15x180"],
        [
          'hubbub_backup_untested_seconds{job="hubbub",instance="b1",target="file:/empty"}',
          Array(180).fill("Inf").join(" "),
        ],
      ],
      at: "40m",
    },
  },
];
