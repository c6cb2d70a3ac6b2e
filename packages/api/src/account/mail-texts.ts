import type { Mail } from "./mail-queue.ts";

const FOOT = "\n\nIf you did not ask for this, ignore this mail: nothing changes.\n";

/** The code stands after a `#`, which browsers send to no server. */
interface Coded {
  readonly to: string;
  readonly username: string;
  readonly publicUrl: string;
  readonly code: string;
}

export function confirmMail({ to, username, publicUrl, code }: Coded): Mail {
  return {
    to,
    subject: "Confirm your address",
    text: `The user ${username} of ${publicUrl} gave this address. To confirm it, open\n\n${publicUrl}/#confirm-email=${code}\n\nor enter this code: ${code}\n\nIt is good for 24 hours and works once.${FOOT}`,
  };
}

export function resetMail({ to, username, publicUrl, code }: Coded): Mail {
  return {
    to,
    subject: "Set a new password",
    text: `Somebody asked for a new password for ${username} at ${publicUrl}. To set one, open\n\n${publicUrl}/#reset-password=${code}\n\nor enter this code: ${code}\n\nIt is good for one hour and works once. It ends all sessions.${FOOT}`,
  };
}

interface Notice {
  readonly to: string;
  readonly username: string;
  readonly publicUrl: string;
}

const NOTICES = {
  password: ["Your password was changed", "The password of %s was changed. All other sessions have ended."],
  email: ["Your address was changed", "%s does not use this address any more. Mails go to another one, or to none."],
} as const;

export function noticeMail(kind: keyof typeof NOTICES, { to, username, publicUrl }: Notice): Mail {
  const [subject, text] = NOTICES[kind];
  const advice = "If that was not you, set a new password now, or ask the operator of the server for help.";
  return { to, subject: `${subject}`, text: `${text.replace("%s", username)}\n\n${advice}\n\n${publicUrl}\n` };
}
