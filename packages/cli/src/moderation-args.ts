import { REPORT_REASONS, type ReportReason } from "@hubbub/protocol";
import { CliError, EXIT } from "./cli-error.ts";

export type ModerationCommand =
  | {
      readonly name: "report";
      readonly room: string;
      readonly seq: number;
      readonly reason: ReportReason;
      readonly text: string | undefined;
    }
  | { readonly name: "reports" | "audit"; readonly room: string; readonly isJson: boolean }
  | {
      readonly name: "resolve";
      readonly room: string;
      readonly report: string;
      readonly state: "dismissed" | "acted";
      readonly note: string | undefined;
    };

interface Values {
  readonly reason?: string | undefined;
  readonly json?: boolean | undefined;
}

const ROOM_AND_MORE = 2;
const REPORT_AND_MORE = 3;

/** undefined: another command. @throws CliError usage */
export function toModerationCommand(
  name: string,
  words: readonly string[],
  values: Values,
): ModerationCommand | undefined {
  const [room = "", second = "", third = ""] = words;
  switch (name) {
    case "report": {
      if (room === "" || !/^#?\d{1,15}$/.test(second)) throw usage("report takes a ROOM and the number of a message");
      const seq = Number(second.replace("#", ""));
      return { name, room, seq, reason: reasonOf(values.reason), text: textOf(words.slice(ROOM_AND_MORE)) };
    }
    case "reports":
    case "audit":
      if (room === "" || words.length > 1) throw usage(`${name} takes one ROOM; put quotes around spaces`);
      return { name, room, isJson: values.json ?? false };
    case "resolve":
      if (room === "" || second === "" || (third !== "dismissed" && third !== "acted"))
        throw usage("resolve takes a ROOM, the id of a report, and dismissed or acted");
      return { name, room, report: second, state: third, note: textOf(words.slice(REPORT_AND_MORE)) };
    default:
      return undefined;
  }
}

function reasonOf(given = "other"): ReportReason {
  const reason = REPORT_REASONS.find((one) => one === given);
  if (reason === undefined) throw usage(`--reason takes one of ${REPORT_REASONS.join(", ")}`);
  return reason;
}

const textOf = (words: readonly string[]) => (words.length === 0 ? undefined : words.join(" "));

function usage(message: string): CliError {
  return new CliError(`${message}. See: hubbub --help`, EXIT.usage);
}
