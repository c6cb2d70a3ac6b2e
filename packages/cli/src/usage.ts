import { helpOn, namesIn } from "./acts/acts.ts";

const LIST_WIDTH = 58;

/** The names of a group of acts, in lines below each other. */
function listed(group: Parameters<typeof namesIn>[0]): string {
  return namesIn(group)
    .reduce(
      ([line = "", ...done], name) =>
        `${line} ${name}`.length > LIST_WIDTH ? [name, line, ...done] : [`${line} ${name}`.trim(), ...done],
      [""],
    )
    .reverse()
    .join(`\n${" ".repeat(21)}`);
}

export const USAGE = `hubbub: chat in the terminal

  hubbub signup NAME                    create an account and log in
  hubbub login NAME                     log in
  hubbub logout                         end the login
  hubbub profiles [use|remove NAME]     list logins by profile; choose or remove a profile
  hubbub rooms                          list rooms
  hubbub create ROOM [--private]        create a room
  hubbub chat [ROOM] [--create] [--line] [--mouse]
                                        chat; .usage lists its commands, .keys its keys. --line: without
                                        the full screen; --mouse: the wheel scrolls
  hubbub send ROOM TEXT…                send one message; without TEXT each line of stdin
  hubbub tail ROOM [--json] [--since N] follow a room; --json: one event per line
  hubbub bot SCRIPT [ARGS…] --room ROOM… [--command /WORD] [--each [--parallel N]] [--timeout S]
                                        answer what happens in rooms by a script, see docs/bots.md
  hubbub search QUERY [--json]          search your rooms: 'tea "green tea" -milk from:ada in:kitchen
                                        after:2026-01-31 has:link is:pinned'; newest first
  hubbub members ROOM                   list members with their roles
  hubbub invite ROOM NAME               invite somebody; add brings them in, kick removes them
  hubbub ACT [ROOM] [WORDS…]            what the chat does as .ACT; hubbub help ACT describes it:
                     ${listed("people")}
                     ${listed("members")}
                     ${listed("room")}
                     ${listed("messages")}
  hubbub report ROOM N [--reason spam|abuse|illegal|other] [TEXT…]
                                        report message N to the moderators
  hubbub reports ROOM [--json]          for moderators: reports that wait, with the messages around
  hubbub resolve ROOM REPORT dismissed|acted [NOTE…]
                                        for moderators: close a report
  hubbub audit ROOM [--json]            for moderators: who did what in the room
  hubbub avatar FILE | --remove         set your picture, or remove it
  hubbub export FILE.zip                save everything that is about you; again to go on with a download
  hubbub completion bash|zsh|fish       a script by which the shell completes commands, rooms and names
  hubbub leave ROOM [--close]           leave; --close: the last member closes the room permanently

Options
  --server URL      also wss://…; default: HUBBUB_SERVER, else the server of the profile's last login,
                    else http://127.0.0.1:8080
  --profile NAME    logins of their own, for another account or server; or HUBBUB_PROFILE
  --guest [NAME]    chat, send and tail without an account; NAME comes after the room's name
  --password-stdin  read the password from stdin; or set HUBBUB_PASSWORD. With a second factor,
                    HUBBUB_CODE has the code where there is no terminal to ask
  --                end of options: hubbub send ROOM -- --text; one dash needs no --
  --help, --version

For operators, on the Redis and Postgres of the environment: migrate, adopt, keys, verify, trace, sessions,
dead-letters, search-index, erase, admin, backup, backup-key, restore, doctor, audit-config, plan, drain,
rebalance. hubbub verify --help describes them.

ROOM is a name or an id. Exit codes: 0 ok, also when Ctrl-C ends chat or tail or the output is
closed; 1 failure, also when a message got no ack; 2 usage; 129, 130, 143 ended by SIGHUP, SIGINT, SIGTERM
before completion.
`;

const CHAT_USAGE = `  .usage [WORD]      this help, or help on one command
  .members           members with their roles
  .history [N]       the last N messages
  .reply [#N] TEXT   answer message N; without N the newest of others
  .react [#N] EMOJI  put an emoji on it, or take it back
  .edit [#N] TEXT    change your message N; without N your newest
  .delete [#N]       delete it
  .file PATH         send a file; .image PATH only if it is an image
  .rooms             list rooms
  .join ROOM         switch to another room
  .leave             leave the room permanently
  .close             the last member closes the room permanently
  .register NAME     a guest becomes an account, with everything that is there
  .quit              quit, like Ctrl-C; Ctrl-Z stops, fg continues
More, with help by .usage and a word:
  .usage people      ${listed("people")}
  .usage members     ${listed("members")}
  .usage room        ${listed("room")}
  .usage messages    ${listed("messages")}
Everything else is sent. Start with a space to send a line that begins with a dot.
A paste waits for Enter, is sent as one message with its line breaks, and is
never a command.`;

/** `topic`: a command or a group of them, "" for all. */
export function chatUsage(topic: string): string[] {
  const lines =
    topic === "" ? [CHAT_USAGE] : (helpOn(topic) ?? [`  there is no help on ${topic}; .usage lists what there is`]);
  return lines.flatMap((line) => line.split("\n"));
}
