export const USAGE = `hubbub: chat from the terminal

  hubbub signup NAME                    make an account and log in
  hubbub login NAME                     log in
  hubbub logout                         end the login
  hubbub rooms                          list rooms
  hubbub create ROOM [--private]        make a room
  hubbub chat ROOM [--create]           talk; .usage there shows its commands
  hubbub send ROOM TEXT…                send one message; without TEXT each line of stdin
  hubbub tail ROOM [--json] [--since N] follow a room; --json: one event per line

Options
  --server URL      default http://127.0.0.1:8080, or HUBBUB_SERVER
  --guest [NAME]    chat, send and tail without an account; NAME is taken from behind the room's name
  --password-stdin  read the password from stdin; or set HUBBUB_PASSWORD
  --help, --version

For operators, on the Redis and Postgres that the environment names: migrate, adopt, keys, verify,
dead-letters;
hubbub verify --help says more.

ROOM is a name or an id. Exit codes: 0 ok, 1 failure, 2 usage.
`;

export const CHAT_USAGE = `  .usage         this help
  .who           who is in the room
  .history [N]   the last N messages
  .rooms         rooms there are
  .join ROOM     go to another room
  .leave         leave the room for good
  .quit          end, as does Ctrl-C
Everything else is sent. Start with a space to send a line that begins with a dot.`;
